import {
  CanActivate,
  ExecutionContext,
  ForbiddenException,
  Injectable,
  UnauthorizedException,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { IncomingMessage } from 'node:http';
import { identityOf } from './caller.js';
import { PUBLIC, Requirement, SCOPES_REQUIRED } from './scope.decorators.js';

/** Lets a request through to a route for which its key is good enough. */
@Injectable()
export class ApiKeyGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  /** @throws UnauthorizedException `API_KEY_MISSING`, `API_KEY_UNKNOWN`; ForbiddenException `SCOPE_MISSING` */
  canActivate(context: ExecutionContext): true {
    // Global guards run on handlers of events and commands too: what those may do is NATS' business.
    if (context.getType() !== 'http') return true;
    const required = this.reflector.getAllAndOverride<Requirement | undefined>(SCOPES_REQUIRED, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (required === PUBLIC) return true;
    const identity = identityOf(context.switchToHttp().getRequest<IncomingMessage>());
    if (identity.kind !== 'known') {
      throw new UnauthorizedException(
        identity.kind === 'missing'
          ? { code: 'API_KEY_MISSING', message: "Send an API key, as in 'Authorization: Bearer <key>'" }
          : { code: 'API_KEY_UNKNOWN', message: 'The API key is not known' },
      );
    }
    const { scopes } = identity.caller;
    if (required && !required.some((scope) => scopes.includes(scope))) {
      throw new ForbiddenException({
        code: 'SCOPE_MISSING',
        message: `The API key needs the scope ${required.join(' or ')}`,
        required,
      });
    }
    return true;
  }
}
