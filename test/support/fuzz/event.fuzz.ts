import { headers as createHeaders, type MsgHdrs } from '@nats-io/transport-node';
import * as fc from 'fast-check';
import { type Arbitrary } from 'fast-check';
import {
  encodeEvent,
  type EncodedEvent,
  type EventContract,
  type MillraceConnection,
  openEvent,
  validateEvent,
} from '@millrace/core';
import { hostileBytes, jsonText } from './hostile.js';
import { mutated } from './mutation.js';
import { sampleOf } from './contract.samples.js';
import { FUZZ } from './settings.js';

export interface FuzzedEvent {
  type: string;
  subject: string;
  payload: Uint8Array;
  headers: MsgHdrs | undefined;
  /** Right as its contract wants it; wrong, whoever reads it; or neither for sure. */
  kind: 'right' | 'wrong' | 'odd';
}

const RIGHT_EVERY = 8;

/** Events of a contract, as no publisher should send them, with right ones in between. */
export const fuzzedEvents = async (
  contract: EventContract,
  connection: MillraceConnection,
): Promise<FuzzedEvent[]> => {
  const right = (): Promise<EncodedEvent> => encodeSample(contract, connection);
  const { payload } = await right();
  const sample: unknown = connection.codec.decode(payload);
  const wrong = fc.sample(wrongEvent(contract, sample), { seed: FUZZ.seed, numRuns: FUZZ.events });
  const events: FuzzedEvent[] = [];
  for (const [at, event] of wrong.entries()) {
    const kind = (await isWrong(contract, event.payload, connection)) ? 'wrong' : 'odd';
    events.push({ ...event, type: contract.type, kind, headers: headersOf(event.headers, at) });
    if (at % RIGHT_EVERY === 0) events.push({ ...(await right()), type: contract.type, kind: 'right' });
  }
  return events;
};

/** @throws Error for a contract that no sample can be made of: teach `sampleOf` what it is checked for. */
const encodeSample = async (
  contract: EventContract,
  connection: MillraceConnection,
): Promise<EncodedEvent> => {
  const { codec, clock } = connection;
  try {
    const event = await validateEvent(contract, sampleOf(contract));
    return encodeEvent(contract, event, {}, { source: 'fuzz', codec, clock });
  } catch (cause) {
    throw new Error(`No sample can be made of ${contract.type}`, { cause });
  }
};

// What is sealed for another key of an event is unreadable, and whether it is one depends on the headers.
const isWrong = async (
  contract: EventContract,
  payload: Uint8Array,
  { codec }: MillraceConnection,
): Promise<boolean> => {
  try {
    const decoded = codec.decode(payload);
    const opened = ignoring(() => openEvent(contract, { decoded, key: undefined, codec }));
    if (opened === undefined) return false;
    await validateEvent(contract, opened);
    return false;
  } catch {
    return true;
  }
};

const ignoring = <R>(task: () => R): R | undefined => {
  try {
    return task();
  } catch {
    return undefined;
  }
};

interface WrongEvent {
  subject: string;
  payload: Uint8Array;
  headers: [string, string][];
}

const wrongEvent = ({ name }: EventContract, sample: unknown): Arbitrary<WrongEvent> =>
  fc.record({
    subject: keyToken.map((token) => `events.${name.context}.${name.event}.${token}`),
    payload: fc.oneof(
      { weight: 3, arbitrary: mutated(fc.constant(sample)).map((value) => Buffer.from(jsonText(value))) },
      { weight: 2, arbitrary: hostileBytes },
    ),
    headers: fc.array(oddHeader, { maxLength: 3 }),
  });

const keyToken = fc.oneof(
  fc.constantFrom(
    '_',
    '=',
    '=zz',
    '=20',
    '=00',
    '=ed=a0=80',
    '%',
    '%00',
    'ключ',
    '🙂',
    '-',
    '__proto__',
    'x'.repeat(400),
    '$',
    '"',
    "'",
  ),
  fc.uuid(),
);

/** Headers that a stranger may set. Those that act on the server, or tell Millrace of replays, are not among them. */
const ODD_HEADERS: readonly (readonly [string, readonly string[]])[] = [
  ['ce-id', ['', '%', '%zz', '%ff', 'id', 'é', 'x'.repeat(2000)]],
  ['ce-source', ['', '%00', 'x'.repeat(2000), '%ed%a0%80']],
  ['ce-type', ['', 'other.event', '__proto__']],
  ['ce-time', ['', 'yesterday', '9999-99-99', '-271821-04-20T00:00:00Z', '0']],
  ['ce-subject', ['', '%', '%ff', 'other', '🙂', 'x'.repeat(2000)]],
  ['ce-specversion', ['', '9.9']],
  ['content-type', ['', 'text/xml', 'application/json; charset=utf-16', 'x'.repeat(500)]],
  ['traceparent', ['', 'x', `00-${'0'.repeat(32)}-${'0'.repeat(16)}-00`, 'é'.repeat(100)]],
  ['tracestate', ['=', 'x'.repeat(1000)]],
  ['__proto__', ['x']],
  ['constructor', ['x']],
  ['X-Many', ['1', '2', '']],
];

const oddHeader = fc
  .constantFrom(...ODD_HEADERS)
  .chain(([name, values]) => fc.constantFrom(...values).map((value): [string, string] => [name, value]));

// An id that was there before would be taken for the same event again.
const headersOf = (entries: readonly [string, string][], at: number): MsgHdrs | undefined => {
  if (entries.length === 0) return undefined;
  const headers = createHeaders();
  for (const [name, value] of entries)
    headers.append(name, name === 'ce-id' && value !== '' ? `${value}-${at}` : value);
  return headers;
};
