import { jest } from '@jest/globals';
import { AckPolicy } from '@nats-io/jetstream';
import { System } from '../cli.fixture.js';

// Each run of the command is a process of its own, which a busy machine takes its time to start.
jest.setTimeout(60_000);

describe('millrace groups', () => {
  let system: System;
  beforeAll(async () => {
    system = await System.start();
    for (const [group, app] of [
      ['receipts', 'billing'],
      ['audit', 'user'],
    ] as const) {
      await system.connection.jsm.consumers.add('EVENTS_shop', {
        durable_name: group,
        ack_policy: AckPolicy.Explicit,
        metadata: { 'millrace.group': group, 'millrace.app': app },
      });
    }
    await system.connection.js.publish('events.shop.paid.k', '{}');
  });
  afterAll(() => system.stop());

  const isPaused = async (group: string): Promise<boolean> =>
    (await system.connection.jsm.consumers.info('EVENTS_shop', group)).paused ?? false;

  it('lists them with what waits', async () => {
    const { code, out } = await system.millrace('groups', 'ls', '--app', 'billing');
    const [title, row, ...more] = out.trimEnd().split('\n');
    expect([code, more]).toEqual([0, []]);
    expect(title).toMatch(/^GROUP +APP +STREAM +STATE +WAITING +UNSETTLED$/);
    expect(row).toMatch(/^receipts +billing +EVENTS_shop +running +1 +0$/);
  });

  it('pauses and resumes them on the server, and knows those it does not', async () => {
    const paused = await system.millrace('groups', 'pause', 'receipts', '--json');
    expect([paused.code, JSON.parse(paused.out)]).toEqual([
      0,
      expect.objectContaining({ group: 'receipts', paused: true, pending: 1 }),
    ]);
    expect([await isPaused('receipts'), await isPaused('audit')]).toEqual([true, false]);
    const listed = await system.millrace('groups', 'ls', '--paused', '--json');
    expect(JSON.parse(listed.out)).toMatchObject({ group: 'receipts' });
    expect((await system.millrace('groups', 'resume', 'receipts', '--app', 'billing')).code).toBe(0);
    expect(await isPaused('receipts')).toBe(false);
    const unknown = await system.millrace('groups', 'pause', 'receipts', '--app', 'user');
    expect([unknown.code, unknown.err]).toEqual([4, expect.stringContaining('[GROUP_UNKNOWN]')]);
  });
});
