import { ErrorCode, MillraceError, PublishError } from '@millrace/core';
import { FakeClock, settled } from '../fake-clock.fixture.js';
import { Grant, Lease, LeaseRecordWriter } from './lease.js';
import { LeaseKeeper } from './lease.keeper.js';
import { LeaseWriteOutcome } from './lease.writer.js';

type Write = Parameters<LeaseRecordWriter['write']>[0];

/** A server that stores what it is told, unless the test says otherwise. */
const setup = (ttlMs: number, autoRenew = true) => {
  const clock = new FakeClock();
  const writes: (Write & { at: number })[] = [];
  const lost: MillraceError[] = [];
  let sequence = 7;
  let answer: (write: Write) => Promise<LeaseWriteOutcome> = () =>
    Promise.resolve({ kind: 'stored', sequence: ++sequence });
  const keeper = new LeaseKeeper(clock);
  const grant: Grant = {
    resource: { kind: 'lock', name: 'a' },
    id: 'i',
    subject: 's',
    record: {
      kind: 'lock',
      name: 'a',
      state: 'held',
      mode: 'exclusive',
      holder: 'me',
      since: clock.now(),
      ttlMs,
    },
    token: 7,
    sentAt: clock.monotonic(),
    autoRenew,
    alone: true,
  };
  const lease = new Lease(grant, {
    clock,
    writer: {
      write: (write) => {
        writes.push({ ...write, at: clock.monotonic() });
        return answer(write);
      },
    },
    hasten: (own) => keeper.hasten(own),
    onLost: (own, cause) => {
      lost.push(cause);
      keeper.remove(own);
    },
  });
  keeper.add(lease);
  return { clock, writes, lost, lease, keeper, respond: (next: typeof answer) => (answer = next) };
};

const never = (): Promise<never> => new Promise(() => undefined);
const timeout = new PublishError(ErrorCode.PublishTimeout, 'late', { remedy: '', mayBeStored: true });

it('renews at each third of its TTL, expecting its own newest write, and keeps its token', async () => {
  const { clock, writes, lease } = setup(9000);
  await clock.advance(9100);
  expect(writes.map(({ at }) => at)).toEqual([3000, 6000, 9000]);
  expect(writes.map(({ expected }) => expected.sequence)).toEqual([7, 8, 9]);
  expect(writes.map(({ record, serverTtl }) => [record?.token, serverTtl])).toEqual(
    Array.from({ length: 3 }, () => [7, '9s']),
  );
  expect(lease.held).toBe(true);
});

it('aborts before the server lets it expire when no renewal is answered', async () => {
  const { clock, lease, lost, respond } = setup(3000);
  respond(never);
  await clock.advance(2699);
  expect(lease.signal.aborted).toBe(false);
  await clock.advance(1);
  expect(lease.signal.aborted).toBe(true);
  expect(lease.signal.reason).toMatchObject({ code: 'LOCK_LOST', details: { name: 'a', token: 7 } });
  expect(lost).toHaveLength(1);
});

it('counts its end from before the renewal was sent, not from its confirmation', async () => {
  const { clock, lease, respond } = setup(3000);
  let confirm: (outcome: LeaseWriteOutcome) => void = () => undefined;
  respond(() => new Promise((resolve) => (confirm = resolve)));
  await clock.advance(2000);
  respond(never);
  confirm({ kind: 'stored', sequence: 8 });
  await settled();
  // Sent at 1000, trusted for 2700.
  await clock.advance(1699);
  expect(lease.held).toBe(true);
  await clock.advance(1);
  expect(lease.held).toBe(false);
});

it('is not brought back by a confirmation that comes after its end', async () => {
  const { clock, lease, respond } = setup(1000);
  let confirm: (outcome: LeaseWriteOutcome) => void = () => undefined;
  respond(() => new Promise((resolve) => (confirm = resolve)));
  await clock.advance(1000);
  confirm({ kind: 'stored', sequence: 8 });
  await settled();
  expect(lease.held).toBe(false);
  await expect(lease.extend()).rejects.toMatchObject({ code: 'LOCK_LOST' });
});

it('judges a stored signal by the clock, though no timer has run yet', () => {
  const { clock, lease, writes } = setup(2000);
  const { signal } = lease;
  const told: unknown[] = [];
  signal.addEventListener('abort', () => told.push(signal.reason));
  clock.freeze(1799);
  expect(signal.aborted).toBe(false);
  clock.freeze(1);
  expect(() => signal.throwIfAborted()).toThrow(/not renewed in time/);
  expect(told).toHaveLength(1);
  lease.attend();
  expect(writes).toHaveLength(0);
});

it('tries a failed renewal again while it lasts', async () => {
  const { clock, lease, writes, respond } = setup(3000);
  let failures = 3;
  respond(() =>
    failures-- > 0 ? Promise.reject(timeout) : Promise.resolve({ kind: 'stored', sequence: 20 }),
  );
  await clock.advance(1400);
  expect(writes.map(({ at }) => at)).toEqual([1000, 1100, 1200, 1300]);
  expect(lease.held).toBe(true);
});

it('goes on from an earlier renewal whose confirmation was lost', async () => {
  const { clock, lease, writes, respond } = setup(3000);
  respond(({ expected }) =>
    Promise.resolve(
      expected.sequence === 7 ? { kind: 'conflict', own: 12 } : { kind: 'stored', sequence: 13 },
    ),
  );
  await clock.advance(1000);
  expect(writes.map(({ expected }) => expected.sequence)).toEqual([7, 12]);
  expect(lease.held).toBe(true);
});

it('is lost at once when the server has nothing left of it', async () => {
  const { clock, lease, respond } = setup(3000);
  respond(() => Promise.resolve({ kind: 'conflict', own: undefined }));
  await clock.advance(1000);
  expect(lease.signal.aborted).toBe(true);
  expect(lease.lossCause?.message).toContain('the server has let it expire');
});

it('trusts a shorter TTL from the moment it was sent, confirmed or not', async () => {
  const { clock, lease, respond } = setup(30_000);
  respond(() => Promise.reject(timeout));
  await expect(lease.extend('1s')).rejects.toBe(timeout);
  respond(never);
  await clock.advance(900);
  expect(lease.held).toBe(false);
});

it('does not renew by itself when told not to, and can be extended', async () => {
  const { clock, lease, writes } = setup(2000, false);
  await clock.advance(1000);
  expect(writes).toHaveLength(0);
  await lease.extend();
  await clock.advance(1799);
  expect(lease.held).toBe(true);
  await clock.advance(1);
  expect(lease.held).toBe(false);
});

it('does not abort when it is released, and cannot be extended then', async () => {
  const { clock, lease, keeper } = setup(2000);
  const { signal } = lease;
  expect(await lease.retire()).toBe('held');
  keeper.remove(lease);
  await clock.advance(10_000);
  expect(signal.aborted).toBe(false);
  await expect(lease.extend()).rejects.toMatchObject({ code: 'LOCK_NOT_HELD' });
});

it('keeps any number of leases with one timer', async () => {
  const clock = new FakeClock();
  const keeper = new LeaseKeeper(clock);
  const attended: number[] = [];
  const make = (dueAt: number) => ({
    dueAt,
    attend(): void {
      attended.push(clock.monotonic());
      this.dueAt += 1000;
    },
  });
  for (let n = 0; n < 50; n++) keeper.add(make(1000 - n / 10));
  expect(clock.timers).toBe(1);
  await clock.advance(1500);
  expect(attended).toHaveLength(50);
  // Due within moments of each other: one wake.
  expect(new Set(attended).size).toBe(1);
  expect(clock.timers).toBe(1);
});

it('refuses a TTL that the server cannot keep', () => {
  expect(() => setup(999)).toThrow(/at least 1s/);
});
