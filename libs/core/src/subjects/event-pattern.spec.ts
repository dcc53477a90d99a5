import { thrownBy } from '../thrown.fixture.js';
import {
  covers,
  matchesPattern,
  parseEventPattern,
  patternFilter,
  patternText,
  withoutOverlap,
} from './event-pattern.js';

const ANY = undefined;

it.each([
  ['order.paid', 'order', 'paid', 'order.paid'],
  ['order.*', 'order', ANY, 'order.*'],
  ['order.>', 'order', ANY, 'order.*'],
  ['*.paid', ANY, 'paid', '*.paid'],
  ['*.*', ANY, ANY, '>'],
  ['*.>', ANY, ANY, '>'],
  ['*', ANY, ANY, '>'],
  ['>', ANY, ANY, '>'],
])('reads %s', (pattern, context, event, text) => {
  const parsed = parseEventPattern(pattern);
  expect(parsed).toEqual({ context, event });
  expect(patternText(parsed)).toBe(text);
  expect(parseEventPattern(text)).toEqual(parsed);
});

it.each([
  '',
  'order',
  'order.',
  '.paid',
  '>.paid',
  'order.paid.*',
  'order.p*',
  '**',
  'order paid',
  'a.b.',
  '>.>',
])('refuses %j', (pattern) => {
  expect(thrownBy(() => parseEventPattern(pattern))).toMatchObject({ code: 'CONFIG_INVALID' });
});

it('matches by context and event', () => {
  const paid = { context: 'order', event: 'paid' };
  const matching = (pattern: string): boolean => matchesPattern(parseEventPattern(pattern), paid);
  expect(['order.paid', 'order.*', '*.paid', '>'].map(matching)).toEqual([true, true, true, true]);
  expect(['order.created', 'user.*', '*.created', 'user.paid'].map(matching)).toEqual([
    false,
    false,
    false,
    false,
  ]);
});

it('filters one stream', () => {
  expect(patternFilter(parseEventPattern('order.paid'), 'order')).toBe('events.order.paid.*');
  expect(patternFilter(parseEventPattern('*.paid'), 'order')).toBe('events.order.paid.*');
  expect(patternFilter(parseEventPattern('>'), 'order')).toBe('events.order.*.*');
});

describe('withoutOverlap', () => {
  it('drops what a wider filter covers, and repetitions', () => {
    expect(withoutOverlap(['events.a.x.*', 'events.a.*.*', 'events.a.y.*'])).toEqual(['events.a.*.*']);
    expect(withoutOverlap(['events.a.y.*', 'events.a.x.*', 'events.a.x.*'])).toEqual([
      'events.a.x.*',
      'events.a.y.*',
    ]);
    expect(withoutOverlap([])).toEqual([]);
  });

  it('keeps what lies in another context', () => {
    expect(withoutOverlap(['events.a.*.*', 'events.b.x.*'])).toEqual(['events.a.*.*', 'events.b.x.*']);
  });
});

it.each([
  ['a.b', 'a.b', true],
  ['a.*', 'a.b', true],
  ['a.*', 'a.*', true],
  ['a.b', 'a.*', false],
  ['a.>', 'a.b.c', true],
  ['a.>', 'a.*.>', true],
  ['a.>', 'a', false],
  ['a.*', 'a.>', false],
  ['a.*.*', 'a.>', false],
  ['>', 'a', true],
  ['a.*', 'a.b.c', false],
  ['a.b.c', 'a.b', false],
])('%s covers %s: %p', (wide, narrow, expected) => {
  expect(covers(wide, narrow)).toBe(expected);
});
