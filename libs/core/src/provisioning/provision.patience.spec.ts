import { JetStreamApiError } from '@nats-io/jetstream';
import { TimeoutError } from '@nats-io/transport-node';
import { systemClock } from '../clock/clock.js';
import { recordingLog } from '../recording-log.fixture.js';
import { rejectionOf } from '../thrown.fixture.js';
import { provisionConflict, provisionFailed } from './provision.errors.js';
import { provisionPatiently } from './provision.patience.js';

const refusal = (code: number, description: string): Error =>
  provisionFailed('Stream ORDERS', new JetStreamApiError({ code: 503, err_code: code, description }));

/** A task that fails with each of `failures` in turn, and then succeeds. */
const failing = (...failures: Error[]) => {
  const left = [...failures];
  const log = recordingLog();
  let calls = 0;
  const run = (timeoutMs: number): Promise<string> =>
    provisionPatiently(
      () => {
        calls++;
        const failure = left.shift();
        return failure ? Promise.reject(failure) : Promise.resolve('done');
      },
      { timeoutMs, clock: systemClock, log },
    );
  return { run, log, calls: () => calls };
};

const UNAVAILABLE = refusal(10008, 'JetStream system temporarily unavailable');

it('tries again while the cluster has nobody to answer, and says so once', async () => {
  const unanswered = provisionFailed('Stream ORDERS', new TimeoutError());
  const task = failing(UNAVAILABLE, unanswered, refusal(10005, 'no suitable peers for placement'));
  expect(await task.run(20_000)).toBe('done');
  expect(task.calls()).toBe(4);
  expect(task.log.lines).toEqual([
    'warn: JetStream system temporarily unavailable (Stream ORDERS): trying again',
  ]);
});

it('ends with what stood in the way, and for how long', async () => {
  const task = failing(...Array.from({ length: 100 }, () => UNAVAILABLE));
  expect(await rejectionOf(task.run(500))).toMatchObject({
    code: 'PROVISION_FAILED',
    message: expect.stringMatching(
      /Stream ORDERS could not be provisioned within 500 ms: .*unavailable.*majority/s,
    ),
    details: { what: 'Stream ORDERS' },
    cause: UNAVAILABLE.cause,
  });
  expect(task.calls()).toBeGreaterThan(1);
  expect(task.calls()).toBeLessThan(12);
});

it.each([
  [
    'a configuration that the server refuses',
    refusal(10074, 'replicas > 1 not supported in non-clustered mode'),
  ],
  ['a conflict', provisionConflict('Stream ORDERS', [], 'Choose')],
  ['what is not of provisioning', new Error('a mistake')],
])('does not repeat %s', async (_name, failure) => {
  const task = failing(failure);
  expect(await rejectionOf(task.run(20_000))).toBe(failure);
  expect(task.calls()).toBe(1);
});
