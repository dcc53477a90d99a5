import { errorMessage, EVENTS_ROOT, eventStreamName, MillraceConnection, TimerHandle } from '@millrace/core';

const STREAM_CREATED = '$JS.EVENT.ADVISORY.STREAM.CREATED.*';
/** In case an advisory is missed, which is a plain message. */
const RELIST_MS = 15_000;
const PREFIX = eventStreamName('');

/** Told of a context; `isNew` where it came into being after the listener began to follow. */
export type ContextListener = (context: string, isNew: boolean) => void;

/** Which contexts exist, now and as they come, for subscribers that want them all. */
export class ContextDirectory {
  private readonly known = new Set<string>();
  private readonly listeners = new Set<ContextListener>();
  private timer: TimerHandle | undefined;
  private advisories: { unsubscribe(): void } | undefined;

  constructor(private readonly connection: MillraceConnection) {}

  /** Calls `onContext` for every context there is, then for each new one. Returns how to stop. */
  async follow(onContext: ContextListener): Promise<() => void> {
    this.listen();
    await this.relist();
    for (const context of this.known) onContext(context, false);
    this.listeners.add(onContext);
    return () => {
      this.listeners.delete(onContext);
      if (this.listeners.size === 0) this.close();
    };
  }

  private listen(): void {
    if (this.timer) return;
    this.timer = this.connection.clock.every(RELIST_MS, () => void this.tryRelist());
    this.advisories = this.connection.nc.subscribe(STREAM_CREATED, { callback: () => void this.tryRelist() });
  }

  private async tryRelist(): Promise<void> {
    try {
      await this.relist();
    } catch (error) {
      this.connection.log.debug(`Contexts could not be listed: ${errorMessage(error)}`);
    }
  }

  private async relist(): Promise<void> {
    for await (const name of this.connection.jsm.streams.names(`${EVENTS_ROOT}.>`)) {
      if (!name.startsWith(PREFIX)) continue;
      const context = name.slice(PREFIX.length);
      if (this.known.has(context)) continue;
      this.known.add(context);
      for (const listener of this.listeners) listener(context, true);
    }
  }

  private close(): void {
    this.timer?.cancel();
    this.timer = undefined;
    if (!this.connection.nc.isClosed()) this.advisories?.unsubscribe();
  }
}
