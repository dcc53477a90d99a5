import { matchesSubject, takesOneEvent } from './subject.match.js';

describe('subject filters', () => {
  it.each([
    ['events.order.created.*', 'events.order.created.o1', true],
    ['events.order.*.*', 'events.order.created.o1', true],
    ['events.order.>', 'events.order.created.o1', true],
    ['>', 'events.order.created.o1', true],
    ['events.order.created.o1', 'events.order.created.o1', true],
    ['events.order.created.*', 'events.order.createdx.o1', false],
    ['events.order.created', 'events.order.created.o1', false],
    ['events.order.created.*', 'events.order.created', false],
    ['events.order.created.>', 'events.order.created', false],
    ['events.>.o1', 'events.order.created.o1', false],
    ['events.user.*.*', 'events.order.created.o1', false],
  ])('%s takes %s: %s', (filter, subject, matches) => {
    expect(matchesSubject(filter, subject)).toBe(matches);
  });

  it.each([
    ['events.order.created.*', true],
    ['events.order.*.*', false],
    ['events.order.>', false],
    ['events.>', false],
    ['>', false],
  ])('%s takes one kind of event: %s', (filter, one) => {
    expect(takesOneEvent(filter)).toBe(one);
  });
});
