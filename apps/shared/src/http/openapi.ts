import { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';

/** The OpenAPI page at `/docs`, and its document at `/docs-json`. */
export const serveOpenApi = (app: INestApplication, name: string): void => {
  const info = new DocumentBuilder()
    .setTitle(`Millrace: ${name}`)
    .setDescription(`The HTTP API of the reference app '${name}'.`)
    .setVersion('0.1.0')
    .build();
  SwaggerModule.setup('docs', app, () => SwaggerModule.createDocument(app, info), {
    jsonDocumentUrl: 'docs-json',
  });
};
