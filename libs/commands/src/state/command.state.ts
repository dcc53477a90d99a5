import { RetentionPolicy, StorageType, StoredMsg } from '@nats-io/jetstream';
import { headers as createHeaders, Msg, MsgHdrs } from '@nats-io/transport-node';
import {
  ApiErrorCode,
  ContextSettings,
  ErrorCode,
  explicitStreamConfig,
  HeaderMap,
  HeaderName,
  isApiError,
  MillraceConnection,
  MillraceError,
  ProvisionMode,
  PublishError,
  readHeaders,
  StreamDeclaration,
  toServerSeconds,
} from '@millrace/core';

export type StateSettings = Pick<ContextSettings, 'replicas' | 'storage' | 'maxBytes'>;

/** What is kept of commands, the newest of each: answers by idempotency key, tasks' results and progress. */
export type StateKind = 'answer' | 'result' | 'progress';

export interface StateEntry {
  sequence: number;
  headers: HeaderMap;
  body: Uint8Array;
}

export interface StateWrite {
  kind: StateKind;
  id: string;
  body: Uint8Array;
  headers?: HeaderMap;
  /** How long it is kept; whole seconds, rounded up. */
  keepMs: number;
  /** The sequence of the entry that it replaces, 0 for none; `undefined` replaces whatever there is. */
  replaces?: number;
}

export const COMMAND_STATE = 'COMMAND_STATE';
const STORED = 'command-state';
/** Where the server itself tells what it has stored, and nothing that it refused. */
const NEWS = 'command-news';

/** @param id `*` for all */
export const stateSubject = (kind: StateKind, id: string): string => `${STORED}.${kind}.${id}`;

/** What is told of all kinds of an entry. */
export const newsSubject = (id: string): string => `${NEWS}.*.${id}`;

const declaration = ({ replicas, storage, maxBytes }: StateSettings): StreamDeclaration => ({
  name: COMMAND_STATE,
  initial: {
    description: 'Answers, results and progress of commands, each kept for its own time',
    subjects: [`${STORED}.*.*`],
    retention: RetentionPolicy.Limits,
    storage: StorageType.File,
    num_replicas: 1,
    max_msgs_per_subject: 1,
    republish: { src: `${STORED}.>`, dest: `${NEWS}.>` },
  },
  required: { ...explicitStreamConfig(withoutUnset({ replicas, storage, maxBytes })), allow_msg_ttl: true },
});

const withoutUnset = (settings: {
  [K in keyof StateSettings]: StateSettings[K] | undefined;
}): StateSettings => Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));

/** What is kept of commands beside the work queue. */
export class CommandState {
  constructor(
    private readonly connection: MillraceConnection,
    private readonly own: { mode: ProvisionMode; settings: StateSettings },
  ) {}

  /** Asked before every write; the server is asked once. */
  async ensure(): Promise<void> {
    await this.connection.streams.ensureOnce(declaration(this.own.settings), this.own.mode);
  }

  /** The entry's sequence; `undefined` where it would have replaced another entry than it should. */
  async write(entry: StateWrite): Promise<number | undefined> {
    await this.ensure();
    try {
      const { sequence } = await this.connection.publisher.publish({
        subject: stateSubject(entry.kind, entry.id),
        payload: entry.body,
        headers: headersOf(entry),
      });
      return sequence;
    } catch (error) {
      if (!isConflict(error)) throw error;
      return this.ownAfterAll(entry);
    }
  }

  /** The newest entry, from the stream's leader; `undefined` where there is none, or it has expired. */
  async read(kind: StateKind, id: string): Promise<StateEntry | undefined> {
    await this.ensure();
    try {
      const found = await this.connection.jsm.streams.getMessage(COMMAND_STATE, {
        last_by_subj: stateSubject(kind, id),
      });
      return found ? entryOf(found) : undefined;
    } catch (error) {
      if (isApiError(error, ApiErrorCode.MessageNotFound)) return undefined;
      throw error;
    }
  }

  /** Calls `heard` with what is stored for `id` from now on. Returns how to stop. */
  follow(id: string, heard: (kind: string, entry: StateEntry) => void): () => void {
    const { nc, log } = this.connection;
    const subscription = nc.subscribe(newsSubject(id), {
      callback: (error, message) => {
        if (error) return log.error(`${NEWS}: ${error.message}`);
        heard(message.subject.split('.')[1] ?? '', newsOf(message));
      },
    });
    return () => {
      if (!nc.isClosed()) subscription.unsubscribe();
    };
  }

  // A write whose confirmation was lost is sent again, and then finds itself in its way.
  private async ownAfterAll({ kind, id, headers = {} }: StateWrite): Promise<number | undefined> {
    const stored = await this.read(kind, id);
    const writer = headers[WRITER];
    return stored && writer !== undefined && stored.headers[WRITER] === writer ? stored.sequence : undefined;
  }
}

/** Who wrote an entry, and in which try: unlike for any two writes. */
export const WRITER = 'Millrace-Writer';

const headersOf = ({ headers = {}, keepMs, replaces }: StateWrite): MsgHdrs => {
  const made = createHeaders();
  for (const [name, value] of Object.entries(headers)) made.append(name, value);
  made.append(HeaderName.Ttl, toServerSeconds(keepMs));
  if (replaces !== undefined) made.append(HeaderName.ExpectedLastSubjectSequence, String(replaces));
  return made;
};

const isConflict = (error: unknown): boolean =>
  error instanceof PublishError &&
  MillraceError.is(error, ErrorCode.PublishRejected) &&
  error.serverCode === ApiErrorCode.WrongLastSequence;

const entryOf = ({ seq, header, data }: StoredMsg): StateEntry => ({
  sequence: seq,
  headers: readHeaders(header),
  body: data,
});

const newsOf = ({ headers, data }: Msg): StateEntry => {
  const map = readHeaders(headers);
  return { sequence: Number(map['Nats-Sequence']), headers: map, body: data };
};
