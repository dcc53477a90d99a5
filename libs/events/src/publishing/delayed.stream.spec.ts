import { eventSubject } from '@millrace/core';
import { delayedSource, delayedStream, dueSubject } from './delayed.stream.js';

describe('delayed events', () => {
  it('come due under a subject that their context takes, and become the event they were', () => {
    const subject = eventSubject({ context: 'order', event: 'paid' }, 'a.b');
    const due = dueSubject(subject);
    expect(due).toBe('delayed.due.order.paid.a=2Eb');
    const { from, to } = delayedSource('order');
    const wildcards = due.split('.').filter((_, at) => from.split('.')[at] === '*');
    const relayed = to.replace(
      /\{\{wildcard\((\d)\)\}\}/g,
      (_, n: string) => wildcards[Number(n) - 1] ?? '?',
    );
    expect(relayed).toBe(subject);
  });

  it('wait in a stream that keeps schedules and takes from nobody', () => {
    const { initial, required } = delayedStream({ replicas: 3 });
    expect(required).toEqual({ allow_msg_ttl: true, allow_msg_schedules: true });
    expect(initial).toMatchObject({ num_replicas: 3 });
    expect(initial).not.toHaveProperty('sources');
  });
});
