import { applyDecorators, createParamDecorator, ExecutionContext, SetMetadata } from '@nestjs/common';
import { ApiForbiddenResponse, ApiSecurity } from '@nestjs/swagger';
import { IncomingMessage } from 'node:http';
import { ErrorDto } from '../http/error.dto.js';
import { Scope } from './api-keys.js';
import { actorOf } from './caller.js';

/** The name of the security scheme in the OpenAPI document. */
export const API_KEY_SCHEME = 'apiKey';

/** Metadata: the scopes of which a key needs one; `PUBLIC` for none. */
export const SCOPES_REQUIRED = Symbol.for('@millrace-apps/shared:scopes');
export const PUBLIC = 'public';

/** What a route asks for. */
export type Requirement = typeof PUBLIC | readonly Scope[];

/** A route, or all of a controller, that takes only keys with one of these scopes. Without it any key will do. */
export const RequireScope = (...scopes: readonly Scope[]): ClassDecorator & MethodDecorator =>
  applyDecorators(
    SetMetadata(SCOPES_REQUIRED, scopes),
    ApiForbiddenResponse({
      type: ErrorDto,
      description: `The API key needs the scope ${scopes.join(' or ')}.`,
    }),
  );

/** A route, or all of a controller, that needs no key. */
export const Public = (): ClassDecorator & MethodDecorator =>
  applyDecorators(SetMetadata(SCOPES_REQUIRED, PUBLIC), ApiSecurity({}));

/** The parameter gets the name of the caller's key; `anonymous` where no keys are configured. */
export const Actor = createParamDecorator<undefined, string>((_data, context: ExecutionContext) =>
  actorOf(context.switchToHttp().getRequest<IncomingMessage>()),
);
