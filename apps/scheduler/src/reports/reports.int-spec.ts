import { DynamicModule, Module } from '@nestjs/common';
import { CommandsModule } from '@millrace/commands';
import { REPORT_CONTEXTS, TimerTicked } from '@millrace/contracts';
import { NatsModule } from '@millrace/core';
import { EventBus, EventsModule } from '@millrace/events';
import { type NatsServer, startNatsServer } from '@millrace/nats-server';
import { ActivityModule, AppConfig, natsOptions } from '@millrace-apps/shared';
import { type Answer, startApp, type TestApp, testConfig, until } from '@millrace-apps/shared/testing';
import { AppModule } from '../app.module.js';
import { SchedulerConfig } from '../scheduler.config.js';
import { type ReportDto } from './reports.dto.js';

class WorkerConfig extends AppConfig {
  readonly app = 'worker';
}

@Module({ imports: [ActivityModule] })
class WorkerApp {
  static forRoot(config: WorkerConfig): DynamicModule {
    return {
      module: WorkerApp,
      imports: [NatsModule.forRoot(natsOptions(config)), EventsModule.forRoot(), CommandsModule.forRoot()],
    };
  }
}

const DAY_MS = 86_400_000;

let server: NatsServer;
let app: TestApp;

const reportOf = async (id: string): Promise<ReportDto> =>
  (await app.request('GET', `/reports/${id}`)).body as ReportDto;
const request = (from: Date, end?: Date): Promise<Answer> =>
  app.request('POST', '/reports', {
    from: from.toISOString(),
    ...(end ? { until: end.toISOString() } : {}),
  });
const over = (id: string): Promise<ReportDto> =>
  until(`report ${id} is over`, async () => {
    const report = await reportOf(id);
    return report.state !== 'running' && report;
  });
const ticked = (tick: number): TimerTicked => {
  const at = new Date().toISOString();
  return new TimerTicked({ schedule: 'test', tick, scheduledFor: at, firedAt: at });
};

beforeAll(async () => {
  server = await startNatsServer();
  // A timer that ticks on its own would be counted too.
  app = await startApp(AppModule, testConfig(SchedulerConfig, server, { TICK_INTERVAL: '1h' }));
}, 60_000);
afterAll(async () => {
  await app?.stop();
  await server?.stop();
});

describe('a report', () => {
  it('waits for workers, is told of meanwhile, and may be given up', async () => {
    const { status, body } = await request(new Date(Date.now() - 3 * DAY_MS));
    expect({ status, body }).toMatchObject({ status: 202, body: { state: 'running', progress: 0 } });
    const { id } = body as ReportDto;
    expect(await reportOf(id)).toMatchObject({ id, state: 'running' });
    expect(await app.request('DELETE', `/reports/${id}`)).toMatchObject({
      status: 200,
      body: { state: 'cancelled' },
    });
    // Again is no error, and nothing of it is left to do.
    expect(await app.request('DELETE', `/reports/${id}`)).toMatchObject({ status: 200 });
    await until('no task is left', async () => {
      const { state } = await app.connection.jsm.streams.info('COMMAND_TASKS');
      return state.messages === 0;
    });
    expect(await reportOf(id)).toMatchObject({ id, state: 'cancelled' });
  });

  it('counts the events of a period by type, in parts that workers share', async () => {
    const workers = await Promise.all(
      [1, 2].map(() => startApp(WorkerApp, testConfig(WorkerConfig, server))),
    );
    try {
      const bus = workers[0]!.get(EventBus);
      await bus.publishAll(Array.from({ length: 1200 }, (_, n) => ticked(n)));
      const { body } = await request(new Date(Date.now() - 3 * DAY_MS + 60_000));
      const report = await over((body as ReportDto).id);
      expect(report).toMatchObject({
        state: 'done',
        progress: 1,
        total: 1200,
        counts: { 'timer.ticked': 1200 },
        // Three days of each context.
        workers: { worker: 3 * REPORT_CONTEXTS.length },
      });
      expect(report).not.toHaveProperty('parts');
      expect(await app.request('DELETE', `/reports/${report.id}`)).toMatchObject({
        status: 409,
        body: { code: 'REPORT_OVER', state: 'done' },
      });
      const before = await request(new Date(Date.now() - 2 * DAY_MS), new Date(Date.now() - DAY_MS));
      expect(await over((before.body as ReportDto).id)).toMatchObject({
        state: 'done',
        total: 0,
        counts: {},
      });
    } finally {
      await Promise.all(workers.map((worker) => worker.stop()));
    }
  }, 60_000);

  it('is made every night, with how the schedules stand', async () => {
    const worker = await startApp(WorkerApp, testConfig(WorkerConfig, server));
    try {
      const path = `/schedules/${encodeURIComponent('nightly report')}`;
      const { body } = await app.request('POST', `${path}/trigger`);
      const [, time = ''] = /@([^!]+)!/.exec((body as { id: string }).id) ?? [];
      await until(
        'it is asked for',
        async () => (await app.request('GET', `/reports/${time}`)).status === 200,
      );
      const report = await over(time);
      expect(report).toMatchObject({ state: 'done', schedules: { failing: [], paused: 0 }, until: time });
      expect(Date.parse(report.until) - Date.parse(report.from)).toBe(DAY_MS);
      await until('its outcome is told', async () => {
        const history = (await app.request('GET', `${path}/history`)).body as { outcome: string }[];
        return history[0]?.outcome === 'done';
      });
    } finally {
      await worker.stop();
    }
  }, 60_000);

  it('says what is wrong with a request', async () => {
    const now = Date.now();
    for (const [from, end] of [
      [now, now - 1],
      [now + DAY_MS, now + 2 * DAY_MS],
    ] as const) {
      expect(await request(new Date(from), new Date(end))).toMatchObject({
        status: 400,
        body: { code: 'REPORT_INVALID' },
      });
    }
    for (const wrong of [{}, { from: 'yesterday' }, { from: '2030-01-01', until: 7 }]) {
      expect(await app.request('POST', '/reports', wrong)).toMatchObject({ status: 400 });
    }
    for (const method of ['GET', 'DELETE']) {
      expect(await app.request(method, '/reports/none')).toMatchObject({
        status: 404,
        body: { code: 'REPORT_UNKNOWN' },
      });
    }
  });
});
