import { jest } from '@jest/globals';
import { jsonCodec, type MillraceConnection, silentLog, systemClock } from '@millrace/core';
import type { EventMessage, Outcome, Publication, PublishResult } from '@millrace/events';
import { auditPlugin } from './audit.plugin.js';

const brokenConnection = (debug: (message: string) => void): MillraceConnection =>
  ({
    name: 'shop',
    codec: jsonCodec,
    clock: systemClock,
    log: { ...silentLog, debug },
    nc: {
      publish: () => {
        throw new Error('the connection is closed');
      },
    },
  }) as unknown as MillraceConnection;

const OUTCOME: Outcome = { kind: 'ack' };
const RESULT: PublishResult = { messageId: 'm', stream: 'EVENTS_order', sequence: 1, duplicate: false };

describe('auditPlugin', () => {
  it('lets nothing fail because of a record that cannot be sent', async () => {
    const debug = jest.fn();
    const { middleware, publishMiddleware } = auditPlugin(brokenConnection(debug));
    const message = { group: 'g', type: 'order.paid', id: 'x' } as EventMessage;
    const publication = { contract: { type: 'order.paid' } } as Publication;
    expect(await middleware?.[0]?.(async () => OUTCOME)(message)).toBe(OUTCOME);
    expect(await publishMiddleware?.[0]?.(async () => RESULT)(publication)).toBe(RESULT);
    expect(debug.mock.calls).toEqual([
      ['No audit record on audit.shop.handled: the connection is closed'],
      ['No audit record on audit.shop.published: the connection is closed'],
    ]);
  });

  it('passes on that a publish failed', async () => {
    const { publishMiddleware } = auditPlugin(brokenConnection(() => undefined));
    const failing = publishMiddleware?.[0]?.(() => Promise.reject(new Error('no stream')));
    await expect(failing?.({ contract: { type: 'order.paid' } } as Publication)).rejects.toThrow('no stream');
  });
});
