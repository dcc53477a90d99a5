import {
  ApiErrorCode,
  configInvalid,
  EncodedRequest,
  encodeEventText,
  encodeHeaderLines,
  encodeKey,
  ErrorCode,
  errorMessage,
  EventText,
  headerLine,
  HeaderName,
  isApiError,
  MillraceConnection,
  MillraceError,
  PublishOutcome,
  sourcedEventStream,
  toMillis,
  toServerSeconds,
} from '@millrace/core';
import { parentTrace } from '@millrace/delivery';
import { ContextProvisioner } from '../provisioning/context.provisioner.js';
import {
  DELAYED_STREAM,
  delayedSource,
  delayedStream,
  dueSubject,
  pendingSubject,
} from './delayed.stream.js';
import { noteFailure } from './failure.note.js';
import { DeclaredPublication } from './publications.js';
import { Publication, PublishOptions, PublishResult } from './publication.js';

interface EventRequest extends EncodedRequest {
  readonly messageId: string;
}

/** Encodes events and stores them: the innermost of publishing. */
export class EventPublisher {
  private readonly delayReady = new Map<string, Promise<void>>();
  private readonly outcome: PublishOutcome<EventRequest, PublishResult>;

  constructor(
    private readonly connection: MillraceConnection,
    private readonly contexts: ContextProvisioner,
  ) {
    this.outcome = {
      resultOf: ({ stream, sequence, duplicate }, { messageId }) => ({
        messageId,
        stream,
        sequence,
        duplicate,
      }),
      onFailure: (error, { subject }) => noteFailure(connection.log, subject, error),
    };
  }

  /** Makes what publishing an event needs. @throws MillraceError `PROVISION_…` */
  async provision({ contract, delayed }: DeclaredPublication): Promise<void> {
    const { context } = contract.name;
    await this.contexts.ensure(context);
    if (delayed) await this.ensureDelays(context);
  }

  publish(publication: Publication): Promise<PublishResult> {
    const { context } = publication.contract.name;
    if (!this.contexts.isReady(context)) {
      return this.contexts.ensure(context).then(() => this.send(publication));
    }
    try {
      return this.send(publication);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  private send({ contract, event, options }: Publication): Promise<PublishResult> {
    const { connection } = this;
    const encoded = encodeEventText(
      contract,
      event,
      {
        key: options.key,
        messageId: options.messageId,
        headers: options.headers,
        parentTrace: parentTrace(),
      },
      { source: connection.name, codec: connection.codec, clock: connection.clock },
    );
    const { ttl } = options;
    const ttlText = ttl === undefined ? undefined : toServerSeconds(toMillis(ttl, 'ttl'));
    const dueAt = dueAtOf(options, connection.clock.now());
    if (dueAt !== undefined) {
      const scheduled = scheduledFor(encoded, dueAt, ttlText);
      return this.ensureDelays(contract.name.context).then(() => this.store(scheduled, options));
    }
    if (ttlText !== undefined) encoded.headerLines += headerLine(HeaderName.Ttl, ttlText);
    return this.store(encoded, options);
  }

  private store(
    { subject, payload, headerLines, messageId }: EventText,
    { deadline }: PublishOptions,
  ): Promise<PublishResult> {
    const request: EventRequest = {
      subject,
      payload,
      headers: encodeHeaderLines(headerLines),
      deadlineMs: deadline === undefined ? undefined : toMillis(deadline, 'deadline'),
      messageId,
    };
    return this.connection.publisher.publish(request, this.outcome);
  }

  /**
   * Takes back an event that waits; `false` where there is none.
   * @throws MillraceError `STORAGE_UNAVAILABLE`, `KEY_INVALID`
   */
  async cancel(messageId: string): Promise<boolean> {
    const { jsm } = this.connection;
    const filter = pendingSubject(encodeKey(messageId));
    try {
      // The server takes the schedule off when it fires: what can be purged has not fired, and never will.
      const { purged } = await jsm.streams.purge(DELAYED_STREAM, { filter });
      return purged > 0;
    } catch (cause) {
      if (isApiError(cause, ApiErrorCode.StreamNotFound)) return false;
      throw new MillraceError(
        ErrorCode.StorageUnavailable,
        `The delayed event '${messageId}' cannot be cancelled: ${errorMessage(cause)}`,
        { remedy: 'Check that NATS is reachable, then cancel it again', cause },
      );
    }
  }

  private ensureDelays(context: string): Promise<void> {
    const known = this.delayReady.get(context);
    if (known) return known;
    const ensuring = this.provisionDelays(context);
    this.delayReady.set(context, ensuring);
    ensuring.catch(() => this.delayReady.delete(context));
    return ensuring;
  }

  private async provisionDelays(context: string): Promise<void> {
    const { streams } = this.connection;
    const settings = this.contexts.settingsOf(context);
    await streams.ensureOnce(delayedStream(settings), this.contexts.mode);
    await streams.ensure(sourcedEventStream(context, delayedSource(context), settings), this.contexts.mode);
  }
}

/** When the event comes due; `undefined` for now. @throws MillraceError `CONFIG_INVALID`, `DURATION_INVALID` */
const dueAtOf = ({ delay, at }: PublishOptions, now: number): number | undefined => {
  if (at !== undefined && delay !== undefined) {
    throw configInvalid('An event has both a delay and an instant to be published at', 'Give one of the two');
  }
  const dueAt = at === undefined ? now + (delay === undefined ? 0 : toMillis(delay, 'delay')) : at.getTime();
  if (Number.isNaN(dueAt)) throw configInvalid("'at' is not a date", 'Give a valid Date');
  return dueAt > now ? dueAt : undefined;
};

// Message schedules, ADR-51.
const scheduledFor = (event: EventText, dueAt: number, ttl: string | undefined): EventText => ({
  ...event,
  subject: pendingSubject(encodeKey(event.messageId)),
  headerLines: [
    event.headerLines,
    headerLine(HeaderName.Schedule, `@at ${new Date(dueAt).toISOString()}`),
    headerLine(HeaderName.ScheduleTarget, dueSubject(event.subject)),
    headerLine(HeaderName.Ttl, 'never'),
    ttl === undefined ? '' : headerLine(HeaderName.ScheduleTtl, ttl),
  ].join(''),
});
