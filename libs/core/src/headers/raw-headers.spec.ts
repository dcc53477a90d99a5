import { headers as createHeaders, Msg, MsgHdrs, MsgHdrsImpl, MsgImpl } from '@nats-io/transport-node';
import { hostileText, randomFrom } from '../random.fixture.js';
import { thrownBy } from '../thrown.fixture.js';
import { readHeaders } from './header-value.js';
import { plainHeader, plainHeadersOf, readMessageHeaders } from './raw-headers.js';

const encoder = new TextEncoder();

const unused = {
  publish: () => {
    throw new Error('nothing is published here');
  },
};

/** A message as the client gives it: a window on what was read, headers and body in a row. */
const messageOf = (block: Uint8Array, { subject = 'events.order.paid.k', body = '{"a":1}' } = {}): Msg => {
  const before = encoder.encode('rest of what came before');
  const bytes = Buffer.concat([before, block, encoder.encode(body)]);
  const message: unknown = new MsgImpl(
    {
      subject: encoder.encode(subject),
      reply: encoder.encode('$JS.ACK.s.c.1.1.1.1.0'),
      sid: 1,
      hdr: block.length > 0 ? block.length : -1,
      size: bytes.length - before.length,
    },
    bytes.subarray(before.length),
    unused,
  );
  return message as Msg;
};

const bytesOf = (headers: MsgHdrs): Uint8Array => (headers as MsgHdrsImpl).encode();

const bothOf = (message: Msg): [own: object, clients: object] => [
  readMessageHeaders(message),
  readHeaders(message.headers),
];

it('reads what the client reads', () => {
  const headers = createHeaders();
  headers.append('ce-id', 'a b');
  headers.append('Nats-Msg-Id', '1');
  headers.append('Nats-Msg-Id', '2');
  headers.append('empty', '');
  headers.append('toString', 'own');
  headers.append('colons', 'a:b: c');
  const [own, clients] = bothOf(messageOf(bytesOf(headers)));
  expect(own).toEqual(clients);
  expect(own).toEqual({
    'ce-id': 'a b',
    'Nats-Msg-Id': '1',
    empty: '',
    toString: 'own',
    colons: 'a:b: c',
  });
});

it('gives none where there are none', () => {
  expect(readMessageHeaders(messageOf(new Uint8Array(0)))).toEqual({});
});

it.each([
  'NATS/1.0\r\n\r\n',
  'NATS/1.0 503\r\n\r\n',
  'NATS/1.0 100 Idle Heartbeat\r\nNats-Last-Consumer: 1\r\n\r\n',
  'NATS/1.0\r\nno colon\r\na:  spaced  \r\n:no name\r\n\r\n',
  'NATS/1.0\r\na: 1\r\n\r\nb: 2\r\n\r\n',
  'NATS/1.0\r\na: ä€😀\r\n\r\n',
  'NATS/1.0\r\na: tab\tand\u0001\r\n\r\n',
])('reads %j as the client does', (text) => {
  for (const setup of [{}, { subject: 'events.order.paid.ä', body: '' }]) {
    const [own, clients] = bothOf(messageOf(encoder.encode(text), setup));
    expect(own).toEqual(clients);
  }
});

it.each(['NATS/1.0\r\na b: 1\r\n\r\n', 'NATS/1.0\r\na: 1\n2\r\n\r\n', 'NATS/1.0\r\nä: 1\r\n\r\n'])(
  'refuses %j in the words of the client',
  (text) => {
    const message = messageOf(encoder.encode(text));
    const error = thrownBy(() => readMessageHeaders(message));
    expect(String(error)).toBe(String(thrownBy(() => readHeaders(message.headers))));
  },
);

it('reads whatever comes as the client does', () => {
  const random = randomFrom(1);
  const attempt = (read: () => object): unknown => {
    try {
      return read();
    } catch (error) {
      return String(error);
    }
  };
  for (let n = 0; n < 3000; n++) {
    const lines = Array.from({ length: Math.floor(random() * 4) }, () =>
      random() < 0.5
        ? `name-${Math.floor(random() * 3)}: value`
        : `${hostileText(random)}: ${hostileText(random)}`,
    );
    const message = messageOf(
      encoder.encode(`NATS/1.0\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\n`),
    );
    expect(attempt(() => readMessageHeaders(message))).toEqual(attempt(() => readHeaders(message.headers)));
    expect(oneByOne(message)).toEqual(plainHeadersOf(message) && readHeaders(message.headers));
  }
});

/** The headers, each looked up by itself; `undefined` where they are left to the client. */
const oneByOne = (message: Msg): Record<string, string> | undefined => {
  const plain = plainHeadersOf(message);
  if (plain === undefined) return undefined;
  const names = [...Object.keys(readHeaders(message.headers)), 'name-0', 'name-1', 'name-2', 'name'];
  const found = names.map((name) => [name, plainHeader(plain, name)] as const);
  return Object.fromEntries(found.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
};

describe('one header', () => {
  const text = 'NATS/1.0\r\nce-id: a:b\r\nempty:\r\nce-id: second\r\nx-ce-id: other\r\n\r\n';

  it('is read without the others: the first of its name', () => {
    const plain = plainHeadersOf(messageOf(encoder.encode(text))) ?? '';
    const names = ['ce-id', 'empty', 'x-ce-id', 'id', 'absent', 'CE-ID'];
    expect(names.map((name) => plainHeader(plain, name))).toEqual([
      'a:b',
      '',
      'other',
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('is absent where there are none', () => {
    const plain = plainHeadersOf(messageOf(new Uint8Array(0)));
    expect(plain).toBeDefined();
    expect(plainHeader(plain ?? '', 'ce-id')).toBeUndefined();
  });

  it.each(['a b: 1', 'a: 1\n2', 'a: ä', 'no colon', ': no name'])(
    'is left to the client where a line is %j',
    (line) => {
      const message = messageOf(encoder.encode(`NATS/1.0\r\n${line}\r\nce-id: 1\r\n\r\n`));
      expect(plainHeadersOf(message)).toBeUndefined();
    },
  );
});
