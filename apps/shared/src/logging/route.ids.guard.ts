import { CanActivate, ExecutionContext, Injectable } from '@nestjs/common';
import { Request } from 'express';
import { noteInLog } from './log.fields.js';

/** Whose `:id` a route has, by the first part of its path. */
const NAMES: Readonly<Record<string, string>> = { orders: 'orderId', users: 'userId' };

/**
 * Notes which order and user a request is about, for the log. Guards no route: it is one because guards come
 * before everything that may log, and cost the handlers of events nothing.
 */
@Injectable()
export class RouteIdsGuard implements CanActivate {
  canActivate(context: ExecutionContext): true {
    if (context.getType() !== 'http') return true;
    const { params, query, body, path } = context
      .switchToHttp()
      .getRequest<Request<Record<string, string>, unknown, unknown>>();
    const name = NAMES[path.split('/')[1] ?? ''];
    noteInLog(query);
    noteInLog(body);
    if (name !== undefined) noteInLog({ [name]: params['id'] });
    return true;
  }
}
