import {
  coversRoute,
  eventOf,
  groupOfRoute,
  isWildcard,
  routeOf,
  routeOfSubject,
  subjectOf,
  targetsOf,
} from './pattern.route.js';

const LONG = 'x'.repeat(300);

describe('a route without wildcards', () => {
  it.each([
    ['order.paid', { context: 'order', event: 'paid' }],
    ['notification', { context: 'patterns', event: 'notification' }],
    ['math.sum.int', { context: 'patterns', event: 'math=2Esum=2Eint' }],
    ['{"cmd":"a.b"}', { context: 'patterns', event: '=7B=22cmd=22=3A=22a=2Eb=22=7D' }],
    ['patterns.paid', { context: 'patterns', event: 'patterns=2Epaid' }],
    ['', { context: 'patterns', event: '=' }],
  ])('%s travels as an event, and can be told from it', (route, event) => {
    expect(eventOf(route)).toEqual(event);
    expect(routeOf(event)).toBe(route);
    expect(targetsOf(route)).toEqual([{ pattern: `${event.context}.${event.event}`, matches: undefined }]);
  });

  it('of any length travels as an event of its own', () => {
    const { context, event } = eventOf(LONG);
    expect(context).toBe('patterns');
    expect(event).not.toBe(eventOf(`${LONG}y`).event);
    expect(event.length).toBeLessThan(100);
  });

  it('is not one with wildcards', () => {
    expect(['a.*', '*', '>', 'a.>'].every(isWildcard)).toBe(true);
    expect(['a.b*', '{"a":"*"}', 'a'].some(isWildcard)).toBe(false);
  });
});

describe('a route with wildcards', () => {
  it.each([
    ['order.*', ['order.*', 'patterns.*']],
    ['order.>', ['order.*', 'patterns.*']],
    ['*.paid', ['>']],
    ['*', ['patterns.*']],
    ['a.*.c', ['patterns.*']],
    ['a.b.>', ['patterns.*']],
    ['>', ['>']],
  ])('%s subscribes to %j', (route, patterns) => {
    expect(targetsOf(route).map(({ pattern }) => pattern)).toEqual(patterns);
  });

  it.each([
    ['order.*', 'order.paid', true],
    ['order.*', 'order.paid.late', false],
    ['order.>', 'order.paid.late', true],
    ['order.>', 'order', false],
    ['*', 'notification', true],
    ['*.paid', 'order.paid', true],
    ['*.paid', 'paid', false],
    ['a.*.c', 'a.b.c', true],
  ])('%s and %s: %s', (wide, route, covered) => {
    expect(coversRoute(wide, route)).toBe(covered);
    for (const { matches } of targetsOf(wide)) expect(matches?.(route)).toBe(covered);
  });
});

it.each([
  ['order.paid', 'order-paid'],
  ['order.*', 'order-any'],
  ['order.>', 'order-all'],
  ['{"cmd":"sum"}', expect.stringMatching(/^-cmd-sum--[0-9a-f]{8}$/)],
])('the group of %s is %s', (route, group) => {
  expect(groupOfRoute(route)).toEqual(group);
});

it('gives different groups to routes that differ in forbidden characters alone', () => {
  expect(groupOfRoute('a b')).not.toBe(groupOfRoute('a?b'));
});

it.each([
  ['math.sum', 'math.sum'],
  ['math.*', 'math.*'],
  ['{"cmd":"sum"}', '{"cmd":"sum"}'],
  ['two words', 'two=20words'],
  ['a..b', 'a=2E=2Eb'],
  ['', '='],
])('a request to %j has the subject %s, and can be told from it', (route, subject) => {
  expect(subjectOf(route)).toBe(subject);
  expect(routeOfSubject(subject)).toBe(route);
});
