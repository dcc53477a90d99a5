import { DeliverPolicy, JetStreamClient, JetStreamManager, jetstream, JsMsg } from '@nats-io/jetstream';
import { Msg, NatsConnection } from '@nats-io/transport-node';
import { parseDeadLetter, parseEvent, parseGroup, parseHandled, StoredMessage } from './entry.parser.js';
import { headerReader } from './header.reader.js';
import { Ledger } from './ledger.js';
import { DeadLetterEntry, GroupState, HandledRecord, StoredEvent } from './ledger.entries.js';

/** What the timeline shows as it comes in. */
export interface FeedListener {
  onEvent(event: StoredEvent): void;
  onHandled(record: HandledRecord): void;
  onDeadLetter(letter: DeadLetterEntry): void;
}

export interface LedgerFeedOptions {
  readonly nc: NatsConnection;
  readonly ledger: Ledger;
  readonly listener: FeedListener;
  /** The apps of this run. Groups of other apps on the same server are none of its business. */
  readonly apps: readonly string[];
}

const EVENTS = 'EVENTS_';
const DEAD_LETTERS = 'DEAD_LETTERS';
const AUDIT = 'audit.*.handled';
const STREAM_CREATED = '$JS.EVENT.ADVISORY.STREAM.CREATED.*';
const REFRESH_MS = 500;

interface Reader {
  /** What lay in the stream before this run is not its business. */
  readonly after: number;
  /** The last sequence read. */
  read: number;
  stop(): void;
}

/** Tells the ledger everything, by a plain client of its own: it takes no app's word for what was published. */
export class LedgerFeed {
  private readonly readers = new Map<string, Promise<Reader>>();
  private timer: NodeJS.Timeout | undefined;
  private refreshing: Promise<boolean> | undefined;
  private readonly js: JetStreamClient;
  private jsm: JetStreamManager | undefined;

  constructor(private readonly options: LedgerFeedOptions) {
    this.js = jetstream(options.nc);
  }

  /** Begins to listen: call it before anything is published. */
  async start(): Promise<void> {
    const { nc } = this.options;
    this.jsm = await this.js.jetstreamManager();
    nc.subscribe(AUDIT, { callback: (_error, message) => this.onAudit(message) });
    nc.subscribe(STREAM_CREATED, { callback: () => void this.tryRefresh() });
    for await (const name of this.jsm.streams.names()) {
      if (!isOurs(name)) continue;
      const after = await this.lastSequence(name);
      this.options.ledger.begin(name, after);
      await this.open(name, after);
    }
    await nc.flush();
    this.timer = setInterval(() => void this.tryRefresh(), REFRESH_MS);
  }

  /** Asks the server where every group stands. Resolves to whether everything stored has been read. */
  refresh(): Promise<boolean> {
    this.refreshing ??= this.readServer().finally(() => (this.refreshing = undefined));
    return this.refreshing;
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    for (const reader of await Promise.all(this.readers.values())) reader.stop();
  }

  // While the server is away the next refresh tells; the end of the run refreshes by itself.
  private async tryRefresh(): Promise<void> {
    try {
      await this.refresh();
    } catch {
      return;
    }
  }

  private async readServer(): Promise<boolean> {
    const jsm = this.manager;
    let allRead = true;
    for await (const name of jsm.streams.names()) {
      if (!isOurs(name)) continue;
      const reader = await this.open(name, 0);
      const lastSequence = await this.lastSequence(name);
      if (reader.read < lastSequence) allRead = false;
      if (name.startsWith(EVENTS)) this.options.ledger.setGroups(name, await this.groupsOf(name));
    }
    this.options.ledger.forgetHandled();
    return allRead;
  }

  private get manager(): JetStreamManager {
    if (!this.jsm) throw new Error('The feed has not been started');
    return this.jsm;
  }

  private async lastSequence(stream: string): Promise<number> {
    const { state } = await this.manager.streams.info(stream);
    return state.last_seq;
  }

  private async groupsOf(stream: string): Promise<GroupState[]> {
    const groups: GroupState[] = [];
    for await (const consumer of this.manager.consumers.list(stream)) {
      const group = parseGroup(stream, consumer);
      if (group && this.options.apps.includes(group.app)) groups.push(group);
    }
    return groups;
  }

  private open(stream: string, after: number): Promise<Reader> {
    const known = this.readers.get(stream);
    if (known) return known;
    const opening = this.read(stream, after);
    this.readers.set(stream, opening);
    opening.catch(() => this.readers.delete(stream));
    return opening;
  }

  private async read(stream: string, after: number): Promise<Reader> {
    const consumer = await this.js.consumers.get(stream, {
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: after + 1,
    });
    const reader: Reader = { after, read: after, stop: () => messages.stop() };
    const messages = await consumer.consume({
      callback: (message) => {
        this.onStored(stored(message));
        reader.read = Math.max(reader.read, message.seq);
      },
    });
    return reader;
  }

  private onStored(message: StoredMessage): void {
    const { ledger, listener } = this.options;
    if (message.stream === DEAD_LETTERS) {
      const letter = parseDeadLetter(message);
      ledger.addDeadLetter(letter);
      listener.onDeadLetter(letter);
      return;
    }
    const event = parseEvent(message);
    ledger.addEvent(event);
    listener.onEvent(event);
  }

  private onAudit(message: Msg): void {
    const record = parseHandled(parseJson(message));
    if (!record) return;
    this.options.ledger.addRecord(record);
    this.options.listener.onHandled(record);
  }
}

const isOurs = (stream: string): boolean => stream.startsWith(EVENTS) || stream === DEAD_LETTERS;

const stored = (message: JsMsg): StoredMessage => ({
  stream: message.info.stream,
  sequence: message.seq,
  subject: message.subject,
  storedAt: message.time.getTime(),
  headers: headerReader(message.headers),
});

const parseJson = (message: Msg): unknown => {
  try {
    return message.json();
  } catch {
    return undefined;
  }
};
