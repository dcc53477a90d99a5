import { thrownBy } from '../storage.fixture.js';
import { kindOf } from './change.js';
import { OnChangeOptions, resolveChangeOptions } from './change.options.js';
import { parseReplaySubject, replaySubject } from './replay.subject.js';

describe('resolveChangeOptions', () => {
  it('takes every change from the beginning, shared, unless told otherwise', () => {
    expect(resolveChangeOptions({}, 'app-Mirror-on')).toMatchObject({
      group: 'app-Mirror-on',
      kinds: new Set(['put', 'delete', 'purge', 'expire']),
      mode: 'shared',
      from: 'beginning',
      concurrency: 16,
      timeoutMs: undefined,
      ackWaitMs: 30_000,
    });
    expect(resolveChangeOptions({ mode: 'broadcast' }, 'g').from).toBe('new');
  });

  // What plain JavaScript may pass.
  const unknownKind: OnChangeOptions = JSON.parse('{"kinds":["put","created"]}') as OnChangeOptions;

  it.each<[string, OnChangeOptions]>([
    ['no concurrency', { concurrency: 0 }],
    ['no kinds', { kinds: [] }],
    ['an unknown kind', unknownKind],
    ['too short an ackWait', { ackWait: '10ms' }],
    ['a group that is no name', { group: 'a.b' }],
  ])('refuses %s', (_, options) => {
    expect(thrownBy(() => resolveChangeOptions(options, 'group'))).toMatchObject({ code: 'CONFIG_INVALID' });
  });
});

describe('the subject of a replay', () => {
  it('tells what the change was', () => {
    const change = { bucket: 'b', group: 'g', keyToken: 'eu=2Eann', kind: 'expire', revision: 7 } as const;
    expect(parseReplaySubject(replaySubject(change))).toEqual(change);
  });

  it.each(['$KV.b.ann', 'replay.b.g.ann.put.7.more', 'replay.b.g.ann.created.7'])('is not %s', (subject) => {
    expect(parseReplaySubject(subject)).toBeUndefined();
  });
});

describe('kindOf', () => {
  const headers = (
    values: Record<string, string>,
  ): { get: (name: string) => string; has: (name: string) => boolean } => ({
    get: (name) => values[name] ?? '',
    has: (name) => name in values,
  });

  it.each([
    ['put', {}],
    ['put', { 'Nats-TTL': '5s' }],
    ['delete', { 'KV-Operation': 'DEL' }],
    ['purge', { 'KV-Operation': 'PURGE' }],
    ['purge', { 'Nats-Marker-Reason': 'Purge' }],
    ['purge', { 'Nats-Marker-Reason': 'Remove' }],
    ['expire', { 'Nats-Marker-Reason': 'MaxAge' }],
  ])('is %s for %p', (kind, values) => {
    expect(kindOf(headers(values))).toBe(kind);
  });
});
