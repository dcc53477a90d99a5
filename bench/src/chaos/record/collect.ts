import { basename } from 'node:path';
import { DEAD_LETTERS, EFFECTS, EVENTS, GROUPS } from '../system.names.js';
import {
  AccountState,
  Confirmation,
  DeadLetter,
  DrillRecord,
  Effect,
  Handling,
  StoredEvent,
} from './drill.record.js';
import { monotonicMs } from './journal.js';
import { readJournal } from './journal.reader.js';
import { PlainClient, StoredMessage } from './plain.client.js';

/** What the streams say at the end of a run. */
export type ServerRecord = Pick<DrillRecord, 'events' | 'deadLetters' | 'effects' | 'accounts'>;
/** What the processes wrote down. */
export type JournalRecord = Pick<DrillRecord, 'confirmations' | 'handlings'>;

const field = (body: unknown, name: string): unknown =>
  typeof body === 'object' && body !== null ? Reflect.get(body, name) : undefined;

const eventOf = ({ sequence, subject, body }: StoredMessage): StoredEvent => {
  const [, context = '', event = '', key = ''] = subject.split('.');
  return { sequence, type: `${context}.${event}`, key, id: String(field(body, 'id')) };
};

const letterOf = ({ header, storedAt }: StoredMessage): DeadLetter => ({
  group: header('Millrace-Dead-Group'),
  sequence: Number(header('Millrace-Dead-Sequence')),
  cause: header('Millrace-Dead-Cause-Message'),
  atMs: storedAt - epochOfMonotonicMs(),
});

/** What the wall clock shows when the monotonic one shows 0. */
const epochOfMonotonicMs = (): number => performance.timeOrigin + performance.now() - monotonicMs();

const effectOf = ({ body }: StoredMessage): Effect => ({
  group: String(field(body, 'group')),
  account: String(field(body, 'account')),
  origin: String(field(body, 'origin')),
  count: Number(field(body, 'count')),
  sequence: Number(field(body, 'sequence')),
});

/** Reads everything that is stored. */
export const readServer = async (client: PlainClient): Promise<ServerRecord> => ({
  events: (await client.read(EVENTS)).map(eventOf),
  deadLetters: (await client.read(DEAD_LETTERS))
    .filter(({ header }) => header('Millrace-Dead-Stream') === EVENTS)
    .map(letterOf),
  effects: (await client.read(EFFECTS)).map(effectOf),
  accounts: await readAccounts(client),
});

/** What the committing groups have made of their accounts. */
export const readAccounts = async (client: PlainClient): Promise<AccountState[]> => {
  const accounts: AccountState[] = [];
  for (const { group, commits = false } of GROUPS) {
    if (!commits) continue;
    for (const [account, value] of await client.bucket(group)) {
      accounts.push({
        group,
        account,
        count: Number(field(value, 'count')),
        digest: Number(field(value, 'digest')),
      });
    }
  }
  return accounts;
};

/** Reads the journals of all processes. */
export const readJournals = (paths: readonly string[]): JournalRecord => {
  const confirmations: Confirmation[] = [];
  const handlings: Handling[] = [];
  for (const path of paths) {
    const app = basename(path, '.journal');
    // Of one process at a time: an end belongs to the last beginning of the same delivery.
    const open = new Map<string, Handling>();
    for (const line of readJournal(path)) {
      if (line[0] === 'stored') {
        confirmations.push({ id: line[1], sequence: line[2], atMs: line[3] });
      } else if (line[0] === 'begin' || line[0] === 'end') {
        const [what, group, sequence, attempt, atMs] = line;
        const place = `${group} ${sequence} ${attempt}`;
        if (what === 'begin') {
          keep(open.get(place), handlings);
          open.set(place, { app, group, sequence, attempt, beganMs: atMs, endedMs: undefined });
        } else {
          const begun = open.get(place) ?? { app, group, sequence, attempt, beganMs: atMs };
          open.delete(place);
          handlings.push({ ...begun, endedMs: atMs });
        }
      }
    }
    handlings.push(...open.values());
  }
  return { confirmations, handlings };
};

const keep = (handling: Handling | undefined, handlings: Handling[]): void => {
  if (handling) handlings.push(handling);
};
