import { Injectable, type MessageEvent, type OnModuleDestroy } from '@nestjs/common';
import { Observable } from 'rxjs';
import { type Duration, toMillis } from '@millrace/core';

const HEARTBEAT: Duration = '15s';

/** Where the messages of one client come from, until the signal aborts. */
export type MessageSource = (signal: AbortSignal) => AsyncIterable<MessageEvent>;

/**
 * Server-sent events for `@Sse()` routes. In between the messages comes a comment now and then, so that neither side
 * nor a proxy takes the connection for dead. A stream ends with its source, with its client, and when the app stops.
 */
@Injectable()
export class EventStreams implements OnModuleDestroy {
  private readonly stopping = new AbortController();

  open(
    source: MessageSource,
    { heartbeat = HEARTBEAT }: { heartbeat?: Duration } = {},
  ): Observable<MessageEvent> {
    return new Observable((client) => {
      const leaving = new AbortController();
      const signal = AbortSignal.any([leaving.signal, this.stopping.signal]);
      const beat = setInterval(() => client.next({ comment: 'heartbeat' }), toMillis(heartbeat));
      signal.addEventListener('abort', () => client.complete(), { once: true });
      client.add(() => {
        clearInterval(beat);
        leaving.abort();
      });
      // What the client asks to be told is told in headers, which go out with the first message.
      client.next({ comment: 'open' });
      const send = async (): Promise<void> => {
        for await (const message of source(signal)) client.next(message);
      };
      send().then(
        () => client.complete(),
        (error: unknown) => client.error(error),
      );
    });
  }

  onModuleDestroy(): void {
    this.stopping.abort();
  }
}
