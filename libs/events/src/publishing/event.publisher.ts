import {
  EncodedEvent,
  encodeEvent,
  encodeKey,
  HeaderName,
  MillraceConnection,
  sourcedEventStream,
  toMillis,
  toServerSeconds,
} from '@millrace/core';
import { currentMessage } from '@millrace/delivery';
import { ContextProvisioner } from '../provisioning/context.provisioner.js';
import { delayedSource, delayedStream, dueSubject, pendingSubject } from './delayed.stream.js';
import { Publication, PublishResult } from './publication.js';

/** Encodes events and stores them: the innermost of publishing. */
export class EventPublisher {
  private readonly delayReady = new Map<string, Promise<void>>();

  constructor(
    private readonly connection: MillraceConnection,
    private readonly contexts: ContextProvisioner,
  ) {}

  publish(publication: Publication): Promise<PublishResult> {
    const { context } = publication.contract.name;
    return this.contexts.isReady(context)
      ? this.send(publication)
      : this.contexts.ensure(context).then(() => this.send(publication));
  }

  private async send({ contract, event, options }: Publication): Promise<PublishResult> {
    const { connection } = this;
    const encoded = encodeEvent(
      contract,
      event,
      {
        key: options.key,
        messageId: options.messageId,
        headers: options.headers,
        parentTrace: currentMessage()?.headers[HeaderName.TraceParent],
      },
      { source: connection.name, codec: connection.codec, clock: connection.clock },
    );
    const { ttl } = options;
    const ttlText = ttl === undefined ? undefined : toServerSeconds(toMillis(ttl, 'ttl'));
    const delayMs = options.delay === undefined ? 0 : toMillis(options.delay, 'delay');
    if (delayMs > 0) {
      await this.ensureDelays(contract.name.context);
      this.scheduleAfter(encoded, delayMs, ttlText);
    } else if (ttlText !== undefined) {
      encoded.headers.set(HeaderName.Ttl, ttlText);
    }
    const stored = await connection.publisher.publish({
      subject: delayMs > 0 ? pendingSubject(encodeKey(encoded.messageId)) : encoded.subject,
      payload: encoded.payload,
      headers: encoded.headers,
      deadlineMs: options.deadline === undefined ? undefined : toMillis(options.deadline, 'deadline'),
    });
    return { messageId: encoded.messageId, ...stored };
  }

  // Message schedules, ADR-51.
  private scheduleAfter({ headers, subject }: EncodedEvent, delayMs: number, ttl: string | undefined): void {
    const due = new Date(this.connection.clock.now() + delayMs);
    headers.set(HeaderName.Schedule, `@at ${due.toISOString()}`);
    headers.set(HeaderName.ScheduleTarget, dueSubject(subject));
    headers.set(HeaderName.Ttl, 'never');
    if (ttl !== undefined) headers.set(HeaderName.ScheduleTtl, ttl);
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
