import { headers as createHeaders, type MsgHdrs } from '@nats-io/transport-node';
import * as fc from 'fast-check';
import { type Arbitrary } from 'fast-check';
import {
  encodeEvent,
  type EncodedEvent,
  type EventContract,
  HeaderName,
  type MillraceConnection,
  openEvent,
  parseEventSubject,
  parseEventVersion,
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
  kind: Kind;
}

/**
 * Right as its contract wants it; wrong; or with a text that no contract minds and that is no key of anything (half
 * of a surrogate pair): whether that can be handled is for its handlers to find out.
 */
export type Kind = 'right' | 'wrong' | 'either';

const HALF_A_PAIR = /\\ud[89a-f]/;

const RIGHT_EVERY = 8;

/** Events of a contract, as no publisher should send them, with right ones in between. */
export const fuzzedEvents = async (
  contract: EventContract,
  connection: MillraceConnection,
): Promise<FuzzedEvent[]> => {
  const { type } = contract;
  const plain = async (): Promise<FuzzedEvent> => ({
    ...(await encodeSample(contract, connection)),
    type,
    kind: 'right',
  });
  const sample = await plain();
  const odd = fc.sample(oddEvent(contract, sample, connection), { seed: FUZZ.seed, numRuns: FUZZ.events });
  const events: FuzzedEvent[] = [];
  for (const [at, event] of odd.entries()) {
    const kind = await kindOf(contract, event, connection);
    events.push({ ...event, type, kind, headers: headersOf(event.headers, at) });
    if (at % RIGHT_EVERY === 0) events.push(await plain());
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

/** What readers of the contract are to make of it: asked of the codec, the cipher and the contract, without a server. */
const kindOf = async (
  contract: EventContract,
  { subject, payload, headers }: OddEvent,
  { codec }: MillraceConnection,
): Promise<Kind> => {
  const version = parseEventVersion(headers.find(([name]) => name === VERSION)?.[1]);
  if (version !== undefined && version !== contract.version) return 'wrong';
  try {
    const key = parseEventSubject(subject)?.key;
    const opened = openEvent(contract, { decoded: codec.decode(payload), key, codec });
    await validateEvent(contract, opened);
    return HALF_A_PAIR.test(JSON.stringify(opened)) ? 'either' : 'right';
  } catch {
    return 'wrong';
  }
};

interface OddEvent {
  subject: string;
  payload: Uint8Array;
  headers: [string, string][];
}

const oddEvent = (
  { name }: EventContract,
  { subject, payload }: FuzzedEvent,
  { codec }: MillraceConnection,
): Arbitrary<OddEvent> =>
  fc.record({
    // What is encrypted can be read only under the key that it was encrypted for.
    subject: fc.oneof(
      fc.constant(subject),
      keyToken.map((token) => `events.${name.context}.${name.event}.${token}`),
    ),
    payload: fc.oneof(
      {
        weight: 3,
        arbitrary: mutated(fc.constant(codec.decode(payload))).map((value) => Buffer.from(jsonText(value))),
      },
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

const VERSION = HeaderName.EventVersion;
/** Headers that a stranger may set. Those that act on the server, or tell Millrace of replays, are not among them. */
const ODD_HEADERS: readonly (readonly [string, readonly string[]])[] = [
  ['ce-id', ['', '%', '%zz', '%ff', 'id', 'é', 'x'.repeat(2000)]],
  ['ce-source', ['', '%00', 'x'.repeat(2000), '%ed%a0%80']],
  ['ce-type', ['', 'other.event', '__proto__']],
  ['ce-time', ['', 'yesterday', '9999-99-99', '-271821-04-20T00:00:00Z', '0']],
  ['ce-subject', ['', '%', '%ff', 'other', '🙂', 'x'.repeat(2000)]],
  ['ce-specversion', ['', '9.9']],
  [VERSION, ['', 'x', '0', '-1', '1', '2', '1e3', '9'.repeat(30)]],
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
