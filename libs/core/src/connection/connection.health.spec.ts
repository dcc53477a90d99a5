import { Status } from '@nats-io/transport-node';
import { recordingLog } from '../recording-log.fixture.js';
import { ConnectionHealth, HealthMonitor } from './connection.health.js';

const monitor = () => {
  let now = 100;
  const log = recordingLog();
  const health = new HealthMonitor('a:4222', log, () => now++);
  const seen: ConnectionHealth[] = [];
  let completed = false;
  health.changes.subscribe({ next: (value) => seen.push(value), complete: () => (completed = true) });
  return { health, log, seen, isCompleted: () => completed };
};

const LOST: Status[] = [
  { type: 'staleConnection' },
  { type: 'disconnect', server: 'a:4222' },
  { type: 'reconnecting' },
  { type: 'reconnecting' },
];

it('starts connected', () => {
  const { health, log, seen } = monitor();
  expect(health.current).toEqual({ state: 'connected', server: 'a:4222', since: 100 });
  expect([seen, log.lines]).toEqual([[health.current], []]);
});

it('logs and shows each change once', () => {
  const { health, log, seen } = monitor();
  for (const status of LOST) health.apply(status);
  health.apply({ type: 'reconnect', server: 'b:4222' });
  health.apply({ type: 'reconnect', server: 'b:4222' });
  health.close();
  health.close();
  expect(log.lines).toEqual([
    'warn: NATS: lost a:4222; reconnecting',
    'log: NATS: connected to b:4222',
    'log: NATS: connection closed',
  ]);
  expect(seen.map(({ state, server, since }) => `${state} ${server} ${since}`)).toEqual([
    'connected a:4222 100',
    'reconnecting a:4222 101',
    'connected b:4222 102',
    'closed b:4222 103',
  ]);
});

it('stays closed whatever is reported late', () => {
  const { health, log, isCompleted } = monitor();
  health.apply({ type: 'close' });
  for (const status of [...LOST, { type: 'reconnect', server: 'a:4222' } as const]) health.apply(status);
  expect(health.current.state).toBe('closed');
  expect(isCompleted()).toBe(true);
  expect(log.lines).toEqual(['log: NATS: connection closed']);
});

it('warns of what changes no state', () => {
  const { health, log, seen } = monitor();
  health.apply({ type: 'error', error: new Error('Permissions Violation') });
  health.apply({ type: 'ldm', server: 'a:4222' });
  health.apply({ type: 'slowConsumer', sub: {} as never, pending: 5 });
  health.apply({ type: 'ping', pendingPings: 1 });
  health.apply({ type: 'update', added: ['c:4222'] });
  expect(seen).toHaveLength(1);
  expect(log.lines).toEqual([
    'warn: NATS: Permissions Violation',
    'warn: NATS: a:4222 is about to shut down; moving to another node',
    'warn: NATS: a subscription is slow (5 messages pending)',
  ]);
});
