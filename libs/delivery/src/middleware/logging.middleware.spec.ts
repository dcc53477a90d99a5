import { silentLog } from '@millrace/core';
import { fakeDelivery } from '../message.fixture.js';
import { ACK, Outcome } from '../outcome/outcome.js';
import { compose, Handler, Middleware } from './middleware.js';
import { logging } from './logging.middleware.js';

describe('logging', () => {
  const lines: string[] = [];
  const log = {
    ...silentLog,
    warn: (line: string) => void lines.push(`warn ${line}`),
    error: (line: string) => void lines.push(`error ${line}`),
  };
  const logged = async (outcome: Outcome): Promise<string[]> => {
    lines.length = 0;
    const message = fakeDelivery({ sequence: 7, attempt: 2, body: 'secret' });
    expect(await logging(log)(() => Promise.resolve(outcome))(message)).toBe(outcome);
    return lines;
  };

  it('says nothing of what went well', async () => expect(await logged(ACK)).toEqual([]));

  it('warns of a retry, and tells an error of a dead letter; never the body', async () => {
    const cause = new Error('no stock');
    expect(await logged({ kind: 'retry', delayMs: 50, cause })).toEqual([
      'warn g: orders.paid.k (S 7, attempt 2) failed, again in 50 ms: no stock',
    ]);
    expect(await logged({ kind: 'dead-letter', cause })).toEqual([
      'error g: orders.paid.k (S 7, attempt 2) goes to the dead letters: no stock',
    ]);
  });
});

describe('compose', () => {
  it('puts the first middleware outermost', async () => {
    const order: string[] = [];
    const named =
      (name: string): Middleware<string> =>
      (next) =>
      async (message) => {
        order.push(`${name} in`);
        const outcome = await next(message);
        order.push(`${name} out`);
        return outcome;
      };
    const handler: Handler<string> = (message) => {
      order.push(message);
      return Promise.resolve(ACK);
    };
    expect(await compose([named('a'), named('b')], handler)('handler')).toBe(ACK);
    expect(order).toEqual(['a in', 'b in', 'handler', 'b out', 'a out']);
  });

  it('is the handler itself where there is nothing around it', () => {
    const handler: Handler<string> = () => Promise.resolve(ACK);
    expect(compose([], handler)).toBe(handler);
  });
});
