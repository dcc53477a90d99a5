import 'reflect-metadata';
import { jest } from '@jest/globals';
import { IsString } from 'class-validator';
import { Event } from '@millrace/core';
import { openSchedules, ScheduleEngine } from '@millrace/schedule';
import { System } from '../cli.fixture.js';

// Each run of the command is a process of its own, which a busy machine takes its time to start.
jest.setTimeout(60_000);

@Event('tea.due')
class TeaDue {
  @IsString() kind = 'green';
}

describe('millrace schedules', () => {
  let system: System;
  let engine: ScheduleEngine;
  beforeAll(async () => {
    system = await System.start();
    engine = await openSchedules(system.connection);
    await engine.schedules.cron('tea', '0 30 16 * * MON-FRI', new TeaDue(), { timeZone: 'Asia/Kolkata' });
  });
  afterAll(async () => {
    await engine.close();
    await system.stop();
  });

  it('lists them, shows one, and tells when it fires next in local time and in its zone', async () => {
    const [list, show, next] = [
      await system.millrace('schedules', 'ls'),
      await system.millrace('schedules', 'show', 'tea'),
      await system.millrace('schedules', 'next', 'tea', '--count', '3', '--json'),
    ];
    expect([list.code, show.code, next.code]).toEqual([0, 0, 0]);
    expect(list.out).toMatch(/tea +active +0 30 16 \* \* MON-FRI \(Asia\/Kolkata\)/);
    expect(show.out).toContain('tea.due');
    const rows = next.out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, string>);
    expect(rows).toHaveLength(3);
    for (const row of rows) {
      expect(row['at']).toMatch(/T11:00:00\.000Z$/);
      expect(row['zone']).toContain('16:30:00');
    }
  });

  it('holds one back, lets it go on, triggers and removes it', async () => {
    expect((await system.millrace('schedules', 'pause', 'tea')).code).toBe(0);
    expect(await engine.schedules.get('tea')).toMatchObject({ state: 'paused' });
    expect((await system.millrace('schedules', 'resume', 'tea')).code).toBe(0);
    expect(await engine.schedules.get('tea')).toMatchObject({ state: 'active' });
    const { out } = await system.millrace('schedules', 'trigger', 'tea');
    expect(await engine.schedules.history('tea')).toMatchObject([{ id: out.trim(), manual: true }]);
    expect((await system.millrace('schedules', 'rm', 'tea')).code).toBe(0);
    const gone = await system.millrace('schedules', 'show', 'tea');
    expect(gone.code).toBe(4);
    expect(gone.err).toContain('SCHEDULE_UNKNOWN');
  });
});
