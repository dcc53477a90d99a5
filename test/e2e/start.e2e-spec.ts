import { connect } from '@nats-io/transport-node';
import { startNatsServer } from '@millrace/nats-server';
import { existsSync } from 'node:fs';
import { BareClient } from '../support/bare.client.js';
import { eventually } from '../support/eventually.js';
import { freePort } from '../support/free.port.js';
import { request } from '../support/http.client.js';
import { Runner, RunnerInfo } from '../support/runner.js';
import { plainOrder } from '../support/system.js';

const FIELDS = [
  'dead_lettered',
  'events_handled',
  'events_published',
  'nats_url',
  'notifications',
  'orders_created',
  'ready_ms',
  'ticks',
  'users_registered',
];

describe('npm start', () => {
  const runners: Runner[] = [];
  const start = (...args: string[]): Runner => {
    const runner = Runner.start(args);
    runners.push(runner);
    return runner;
  };
  afterEach(async () => {
    for (const runner of runners.splice(0)) await runner.dispose();
  });

  const answers = async (url: string): Promise<boolean> => {
    try {
      await request('GET', `${url}/health/live`);
      return true;
    } catch {
      return false;
    }
  };
  const natsAnswers = async (url: string): Promise<boolean> => {
    try {
      await (await connect({ servers: url, reconnect: false, timeout: 1000 })).close();
      return true;
    } catch {
      return false;
    }
  };
  const nothingLeft = ({ apis, nats_url: natsUrl }: RunnerInfo): Promise<void> =>
    eventually(async () => {
      const running = await Promise.all([...Object.values(apis).map(answers), natsAnswers(natsUrl)]);
      expect(running).toEqual([false, false, false, false]);
    });

  it('runs for the time given, reports, and ends with 0', async () => {
    const runner = start('--for', '10s');
    const info = await runner.info();
    // What the runner reports is held against what a client of ours sees, shortly before the end.
    const client = await BareClient.connect(info.nats_url);
    await eventually(async () => {
      expect((await client.read('EVENTS_order', 'events.order.created.*')).length).toBeGreaterThan(2);
    });
    const { code, stdout } = await runner.exited;
    await client.close();
    expect(code).toBe(0);
    expect(stdout).toContain(`nats sub 'events.>' -s ${info.nats_url}`);
    expect(stdout).toMatch(/timer\.ticked .* scheduler .*→ user-timer-registration \d/);
    expect(stdout).toMatch(
      /order\.created .* order .*→ order-days \d.*order-lists \d.*user-notifications \d/,
    );
    expect(stdout).toContain(`${info.apis.user}/docs`);

    const report = runner.report()!;
    expect(Object.keys(report).sort()).toEqual(FIELDS);
    const count = (name: string): number => report[name] as number;
    expect(report['nats_url']).toBe(info.nats_url);
    expect(count('ready_ms')).toBeGreaterThan(0);
    expect(count('ticks')).toBeGreaterThanOrEqual(9);
    // Every tick registers a user, and the traffic registers more.
    expect(count('users_registered')).toBeGreaterThan(count('ticks'));
    expect(count('orders_created')).toBeGreaterThan(0);
    expect(count('events_handled')).toBe(count('events_published'));
    expect(count('dead_lettered')).toBe(0);
    // Every event that is not a tick is told to one user; who leaves takes along what they were told.
    expect(count('notifications')).toBeGreaterThanOrEqual(count('ticks'));
    expect(count('notifications')).toBeLessThanOrEqual(count('events_published') - count('ticks'));
    expect(existsSync(runner.infoFile)).toBe(false);
    await nothingLeft(info);
  }, 90_000);

  it('says no when an event ends in the dead letters', async () => {
    const runner = start('--for', '4s', '--quiet', '--no-traffic');
    const info = await runner.info();
    const client = await BareClient.connect(info.nats_url);
    await client.publish('events.order.created.bad', {
      ...plainOrder('nobody', 'bad'),
      totalCents: 'plenty',
    });
    const { code, stdout, stderr } = await runner.exited;
    await client.close();
    expect(code).toBe(1);
    expect(stdout).toContain('3 dead letters');
    expect(stdout).toContain('order.created bad');
    expect(stderr).toContain('Not every published event was handled');
    const report = runner.report()!;
    expect(report['dead_lettered']).toBe(3);
    expect(report['events_handled']).toBe((report['events_published'] as number) - 1);
    expect(report['orders_created']).toBe(1);
  }, 90_000);

  it.each(['SIGINT', 'SIGTERM'] as const)(
    'stops everything on %s, and ends with 0',
    async (signal) => {
      const runner = start('--quiet');
      const info = await runner.info();
      runner.signal(signal);
      const { code, stdout } = await runner.exited;
      expect(code).toBe(0);
      expect(stdout).toMatch(/events published, \d+ handled by every group, 0 dead letters/);
      expect(stdout).not.toContain('nats sub');
      expect(runner.report()).toMatchObject({ nats_url: info.nats_url });
      await nothingLeft(info);
    },
    90_000,
  );

  it('leaves no app and no server behind when it is killed', async () => {
    const runner = start('--quiet');
    const info = await runner.info();
    process.kill(info.pid, 'SIGKILL');
    const { code } = await runner.exited;
    expect(code).not.toBe(0);
    expect(runner.report()).toBeUndefined();
    await nothingLeft(info);
  }, 90_000);

  it('uses the server of NATS_URL, leaves it running, and looks at its own run only', async () => {
    const server = await startNatsServer();
    const client = await BareClient.connect(server.url);
    try {
      await client.jsm.streams.add({ name: 'EVENTS_order', subjects: ['events.order.*.*'] });
      const runner = Runner.start(['--for', '3s', '--quiet', '--no-traffic'], { NATS_URL: server.url });
      runners.push(runner);
      const info = await runner.info();
      expect(info).toMatchObject({ nats_url: server.url });
      const { code, stderr } = await runner.exited;
      expect({ code, stderr }).toMatchObject({ code: 0 });
      expect(server.running).toBe(true);
      const second = Runner.start(['--for', '2s', '--quiet', '--no-traffic'], { NATS_URL: server.url });
      runners.push(second);
      expect(await second.exited).toMatchObject({ code: 0 });
      const stored = await client.read('EVENTS_timer', 'events.timer.ticked.*');
      expect((runner.report()!['ticks'] as number) + (second.report()!['ticks'] as number)).toBe(
        stored.length,
      );
    } finally {
      await client.close();
      await server.stop();
    }
  }, 120_000);

  it('takes the ports it is given', async () => {
    const first = await freePort(3);
    const runner = start('--quiet', '--for', '1s', '--no-traffic', '--port-base', String(first));
    expect((await runner.info()).apis).toEqual({
      user: `http://127.0.0.1:${first}`,
      order: `http://127.0.0.1:${first + 1}`,
      scheduler: `http://127.0.0.1:${first + 2}`,
    });
    expect((await runner.exited).code).toBe(0);
  }, 60_000);

  it('explains itself', async () => {
    const { code, stdout } = await start('--help').exited;
    expect(code).toBe(0);
    for (const flag of ['--for', '--json', '--info', '--port-base', '--no-traffic', '--quiet']) {
      expect(stdout).toContain(flag);
    }
  }, 60_000);

  it.each([
    [['--wat'], '--wat'],
    [['--for', 'ages'], 'ages'],
    [['--port-base', '99999'], '99999'],
  ])(
    'refuses %j with 2',
    async (args, problem) => {
      const { code, stderr } = await start(...args).exited;
      expect(code).toBe(2);
      expect(stderr).toContain(problem);
      expect(stderr).toContain('Usage:');
    },
    60_000,
  );

  it('says what is wrong with NATS_URL, and ends with 1', async () => {
    const runner = Runner.start(['--quiet', '--for', '1s'], {
      NATS_URL: `nats://127.0.0.1:${await freePort()}`,
    });
    runners.push(runner);
    const { code, stderr } = await runner.exited;
    expect(code).toBe(1);
    expect(stderr).toContain('cannot be used');
  }, 60_000);
});
