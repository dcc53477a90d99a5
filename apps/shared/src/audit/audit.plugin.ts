import { errorMessage, mayPublish, type MillraceConnection, type Right } from '@millrace/core';
import type { EventMessage, EventsPlugin, Middleware, PublishMiddleware } from '@millrace/events';
import {
  type HandledRecord,
  handledSubject,
  type PublishedRecord,
  publishedSubject,
} from './audit.record.js';

type Tell = (subject: string, describe: () => HandledRecord | PublishedRecord) => void;

/** Publishes on core NATS and forgets: nobody waits for a record, and one that cannot be sent is dropped. */
const tellOver =
  ({ nc, codec, log }: MillraceConnection): Tell =>
  (subject, describe) => {
    try {
      nc.publish(subject, codec.encode(describe()));
    } catch (error) {
      log.debug(`No audit record on ${subject}: ${errorMessage(error)}`);
    }
  };

const auditHandled =
  ({ name: app, clock }: MillraceConnection, tell: Tell): Middleware<EventMessage> =>
  (next) =>
  async (message) => {
    const startedAt = clock.monotonic();
    const outcome = await next(message);
    tell(handledSubject(app), () => ({
      at: clock.now(),
      app,
      group: message.group,
      type: message.type,
      ...(message.key === undefined ? {} : { key: message.key }),
      id: message.id,
      source: message.source,
      stream: message.stream,
      sequence: message.sequence,
      attempt: message.attempt,
      outcome: outcome.kind,
      ms: since(startedAt, clock.monotonic()),
      ...(outcome.kind === 'ack' ? {} : { cause: outcome.cause.message }),
    }));
    return outcome;
  };

const auditPublished =
  ({ name: app, clock }: MillraceConnection, tell: Tell): PublishMiddleware =>
  (next) =>
  async (publication) => {
    const startedAt = clock.monotonic();
    const result = await next(publication);
    tell(publishedSubject(app), () => ({
      at: clock.now(),
      app,
      type: publication.contract.type,
      ...result,
      ms: since(startedAt, clock.monotonic()),
    }));
    return result;
  };

/** Milliseconds to a hundredth. */
const since = (startedAt: number, now: number): number => Math.round((now - startedAt) * 100) / 100;

/** What the audit needs of NATS. */
export const auditRights = (app: string): Right[] =>
  [handledSubject(app), publishedSubject(app)].map((subject) =>
    mayPublish(subject, 'audit', 'tell its records'),
  );

/** The middlewares of the audit; see `AuditModule`. */
export const auditPlugin = (connection: MillraceConnection): EventsPlugin => {
  const tell = tellOver(connection);
  return {
    middleware: [auditHandled(connection, tell)],
    publishMiddleware: [auditPublished(connection, tell)],
  };
};
