import { headers as createHeaders, Msg } from '@nats-io/transport-node';
import { parsePublishAck } from './publish-ack.js';

const answer = (body: unknown, code = 0): Msg => {
  const data = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  const headers = code === 0 ? undefined : createHeaders(code, 'status');
  return { data, headers, json: () => JSON.parse(data.toString()) as unknown } as unknown as Msg;
};

it('reads where a message was stored', () => {
  expect(parsePublishAck(answer({ stream: 'S', seq: 7 }))).toEqual({
    kind: 'stored',
    stream: 'S',
    sequence: 7,
    duplicate: false,
  });
  expect(parsePublishAck(answer({ stream: 'S', seq: 7, duplicate: true, domain: 'hub' }))).toMatchObject({
    kind: 'stored',
    duplicate: true,
  });
});

it('tells that nobody takes the subject', () => {
  expect(parsePublishAck(answer('', 503))).toEqual({ kind: 'no-stream' });
});

it('tells a refusal from one that may pass', () => {
  const error = { code: 400, err_code: 10071, description: 'wrong last sequence: 3' };
  expect(parsePublishAck(answer({ error }))).toEqual({
    kind: 'rejected',
    serverCode: 10071,
    description: 'wrong last sequence: 3',
  });
  expect(parsePublishAck(answer({ error: { ...error, code: 503 } }))).toMatchObject({ kind: 'unavailable' });
  expect(parsePublishAck(answer({ error: {} }))).toEqual({
    kind: 'rejected',
    serverCode: 0,
    description: 'no description',
  });
});

it.each([
  ['text', 'ok'],
  ['half of JSON', '{"stream":'],
  ['nothing', ''],
  ['null', null],
  ['a list', []],
  ['a number', 7],
  ['an object of its own', { ok: true }],
  ['a stream without a sequence', { stream: 'S' }],
  ['a sequence without a stream', { seq: 7 }],
  ['sequence 0', { stream: 'S', seq: 0 }],
  ['an empty stream', { stream: '', seq: 7 }],
])('does not take for an ack what some subscriber answered: %s', (_name, body) => {
  expect(parsePublishAck(answer(body))).toEqual({ kind: 'foreign' });
});
