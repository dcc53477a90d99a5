import { constant } from './backoff.js';
import { resolveConsumerOptions } from './consumer.options.js';

describe('consumer options', () => {
  it('have defaults', () => {
    expect(resolveConsumerOptions({}, {}, 'app-Class-method')).toMatchObject({
      group: 'app-Class-method',
      concurrency: 16,
      policy: { attempts: 5 },
      timeoutMs: undefined,
      from: 'beginning',
      mode: 'shared',
      ackWaitMs: 30_000,
      maxAckPending: 5000,
    });
  });

  it("take the module's defaults where the subscriber is silent", () => {
    const defaults = {
      concurrency: 2,
      timeout: '1s',
      retry: { attempts: 9, backoff: constant('1s') },
    } as const;
    const resolved = resolveConsumerOptions({ concurrency: 4, retry: { attempts: 3 } }, defaults, 'g');
    expect(resolved).toMatchObject({ concurrency: 4, timeoutMs: 1000, policy: { attempts: 3 } });
    expect(resolved.policy.ruleFor(new Error()).backoff(1)).toBe(1000);
  });

  it('begin a broadcast now, unless told otherwise', () => {
    expect(resolveConsumerOptions({ mode: 'broadcast' }, {}, 'g').from).toBe('new');
    expect(resolveConsumerOptions({ mode: 'broadcast', from: 'beginning' }, {}, 'g').from).toBe('beginning');
  });

  it.each([
    ['a group with a dot', { group: 'a.b' }],
    ['an empty group', { group: '' }],
    ['no concurrency', { concurrency: 0 }],
    ['half a handler', { concurrency: 1.5 }],
    ['no attempts', { retry: { attempts: 0 } }],
    ['a sequence before the first', { from: 0 }],
    ['an ackWait that nobody can keep', { ackWait: 10 }],
    ['no room for unsettled events', { maxAckPending: 0 }],
  ])('refuse %s', (_, options) => {
    expect(() => resolveConsumerOptions(options, {}, 'g')).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID' }) as Error,
    );
  });

  it('refuse to be without a group', () => {
    expect(() => resolveConsumerOptions({}, {}, undefined)).toThrow('without a group');
  });
});
