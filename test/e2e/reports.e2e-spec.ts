import { REPORT_CONTEXTS } from '@millrace/contracts';
import { eventually } from '../support/eventually.js';
import { registerUser, System } from '../support/system.js';

const TASKS = 'COMMAND_TASKS';
const COUNTING = 'tasks.report.activity.normal.*';

interface Report {
  id: string;
  state: string;
  total: number;
  counts: Record<string, number>;
  workers: Record<string, number>;
}

describe('a report that several applications work on', () => {
  let system: System;

  beforeEach(async () => void (system = await System.start()), 60_000);
  afterEach(() => system.stop());

  /** How many tasks somebody has in hand. */
  const inHand = async (): Promise<number> => {
    for await (const { config, num_ack_pending: count } of system.client.jsm.consumers.list(TASKS)) {
      if (config.filter_subject === COUNTING) return count;
    }
    return 0;
  };

  it('is whole, though a worker and the replica that puts it together are killed', async () => {
    const env = { TICK_INTERVAL: '1h' };
    const [user, first] = await Promise.all([system.startApp('user'), system.startApp('scheduler', env)]);
    await Promise.all([1, 2, 3].map(() => registerUser(user)));
    user.freeze();
    const { status, body } = await first.post<Report>('/reports', {
      from: new Date(Date.now() - 3_600_000).toISOString(),
    });
    expect(status).toBe(202);
    // What it asked for before it stood still is given to it.
    await eventually(async () => expect(await inHand()).toBeGreaterThan(0));
    await Promise.all([user.end('SIGKILL'), first.end('SIGKILL')]);

    const [second] = await Promise.all([system.startApp('scheduler', env), system.startApp('order')]);
    const report = await eventually(async () => {
      const { body: found } = await second.get<Report>(`/reports/${body.id}`);
      expect(found.state).toBe('done');
      return found;
    }, 60_000);
    expect(report).toMatchObject({
      total: 3,
      counts: { 'user.registered': 3 },
      workers: { order: REPORT_CONTEXTS.length },
    });
  }, 150_000);
});
