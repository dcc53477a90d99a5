import { INestApplication } from '@nestjs/common';
import { DocumentBuilder, OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { API_KEY_SCHEME } from '../security/scope.decorators.js';
import { ErrorDto } from './error.dto.js';
import { withCommonAnswers } from './openapi.answers.js';

/** What an app says of its HTTP API. */
export const describeApi = (app: INestApplication, name: string): OpenAPIObject => {
  const info = new DocumentBuilder()
    .setTitle(`Millrace: ${name}`)
    .setDescription(`The HTTP API of the reference app '${name}'.`)
    .setVersion('0.1.0')
    .addSecurity(API_KEY_SCHEME, {
      type: 'http',
      scheme: 'bearer',
      description: 'A key of `API_KEYS`. Needed where that is set, as it must be in production.',
    })
    .addSecurityRequirements(API_KEY_SCHEME)
    .build();
  return withCommonAnswers(SwaggerModule.createDocument(app, info, { extraModels: [ErrorDto] }));
};

/** The OpenAPI page at `/docs`, and its document at `/docs-json`. */
export const serveOpenApi = (app: INestApplication, name: string): void => {
  SwaggerModule.setup('docs', app, () => describeApi(app, name), { jsonDocumentUrl: 'docs-json' });
};
