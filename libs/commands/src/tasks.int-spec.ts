import { ConflictException, Injectable } from '@nestjs/common';
import { NatsServer, startNatsServer } from '@millrace/nats-server';
import { DeadLetters } from '@millrace/delivery';
import {
  closeApps,
  freshContext,
  Registered,
  registerCommand,
  RegisterUser,
  rejection,
  startApp,
  TestApp,
  until,
} from './commands.fixture.js';
import {
  CommandContext,
  constant,
  Context,
  DurableOptions,
  HandleCommand,
  PermanentError,
  Priority,
} from './index.js';

let server: NatsServer;
beforeAll(async () => void (server = await startNatsServer()));
afterEach(closeApps, 20_000);
afterAll(() => server.stop());

type Handle = (command: RegisterUser, context: CommandContext) => unknown;

/** A command, and how to start workers for it. */
const work = (handle: Handle, durable: DurableOptions | true = true) => {
  const context = freshContext();
  const Register = registerCommand(context);
  @Injectable()
  class Worker {
    @HandleCommand(Register, { durable })
    handle(command: RegisterUser, @Context() given: CommandContext): unknown {
      return handle(command, given);
    }
  }
  const startWorker = (name = 'worker'): Promise<TestApp> =>
    startApp({ url: server.url, name, providers: [Worker], commands: { shutdownTimeout: 300 } });
  return { context, Register, startWorker };
};

const reply = (number = 1): Registered => ({ userId: 'u', number });
const quick = { attempts: 3, backoff: constant(20) };
const gated = () => {
  let open: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => (open = resolve));
  return { gate, open };
};
const queued = async ({ connection }: TestApp, context: string): Promise<number> => {
  const info = await connection.jsm.streams.info('COMMAND_TASKS', { subjects_filter: `tasks.${context}.>` });
  return Object.keys(info.state.subjects ?? {}).length;
};

describe('a dispatched command', () => {
  it('waits for a worker, and gives its result to whoever asks, in any process', async () => {
    const { context, Register, startWorker } = work(({ name }, { kind }) => ({
      userId: kind,
      number: name.length,
    }));
    const here = await startApp({ url: server.url });
    const handle = await here.bus.dispatch(new Register('Ada'));
    expect(await rejection(handle.result({ timeout: 100 }))).toMatchObject({ code: 'COMMAND_TIMEOUT' });
    expect(await queued(here, context)).toBe(1);
    await startWorker();
    const result = await handle.result({ timeout: '10s' });
    expect(result).toBeInstanceOf(Registered);
    expect(result).toEqual({ userId: 'task', number: 3 });
    const there = await startApp({ url: server.url, name: 'there' });
    expect(await there.bus.handle(handle.id).result({ timeout: '10s' })).toEqual(result);
    expect(await there.bus.handle(handle.id, Register).result()).toBeInstanceOf(Registered);
    await until('it is settled', async () => (await queued(here, context)) === 0);
  });

  it('is shared by workers of several applications', async () => {
    const counts: Record<string, number> = {};
    const { Register, startWorker } = work(async (_, { headers }) => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      counts[headers['x-n'] ?? ''] = (counts[headers['x-n'] ?? ''] ?? 0) + 1;
      return reply();
    });
    const apps = [await startWorker('user'), await startWorker('order')];
    const handles = await Promise.all(
      Array.from({ length: 50 }, (_, n) =>
        apps[n % 2]!.bus.dispatch(new Register('Ada'), { headers: { 'x-n': String(n) } }),
      ),
    );
    await Promise.all(handles.map((handle) => handle.result({ timeout: '10s' })));
    expect(Object.values(counts)).toEqual(Array.from({ length: 50 }, () => 1));
  });

  it('reports its progress, from the newest on, until it is done', async () => {
    const { gate, open } = gated();
    const { Register, startWorker } = work(async (_, context) => {
      context.progress(0.1, 'reading');
      context.progress(0.4, 'resizing');
      await gate;
      context.progress(0.9);
      return reply();
    });
    const { bus } = await startWorker();
    const handle = await bus.dispatch(new Register('Ada'));
    const reports: unknown[] = [];
    for await (const report of handle.progress()) {
      reports.push(report);
      if (report.fraction === 0.4) open();
    }
    expect(reports.at(-1)).toEqual({ fraction: 0.9, note: undefined });
    expect(reports).toContainEqual({ fraction: 0.4, note: 'resizing' });
    expect(await handle.result()).toEqual(reply());
    // All over: the newest, and no more.
    const late: unknown[] = [];
    for await (const report of bus.handle(handle.id).progress()) late.push(report);
    expect(late).toEqual([{ fraction: 0.9, note: undefined }]);
  });

  it('is tried again, and its last failure is its result and a dead letter', async () => {
    const attempts: number[] = [];
    const { context, Register, startWorker } = work(
      ({ name }, { attempt }) => {
        attempts.push(attempt);
        if (name === 'never' || attempt < 3) throw new ConflictException(`at ${attempt}`);
        return reply(attempt);
      },
      { retry: quick },
    );
    const { bus, connection } = await startWorker();
    expect(await (await bus.dispatch(new Register('third'))).result({ timeout: '10s' })).toEqual(reply(3));
    const failing = await bus.dispatch(new Register('never'));
    expect(await rejection(failing.result({ timeout: '10s' }))).toMatchObject({
      status: 409,
      message: 'at 3',
    });
    expect(attempts).toEqual([1, 2, 3, 1, 2, 3]);
    const letters = new DeadLetters(connection);
    await until('the dead letter', async () => {
      for await (const letter of letters.list())
        if (letter.subject.startsWith(`dead.${context}.register.`)) return true;
      return false;
    });
  });

  it('is not tried again after a PermanentError, and a replay of its dead letter mends its result', async () => {
    let broken = true;
    const { context, Register, startWorker } = work(() => {
      if (broken) throw new PermanentError('broken');
      return reply(7);
    });
    const { bus, connection } = await startWorker();
    const handle = await bus.dispatch(new Register('Ada'));
    expect(await rejection(handle.result({ timeout: '10s' }))).toMatchObject({ code: 'PERMANENT' });
    broken = false;
    const letters = new DeadLetters(connection);
    let id: string | undefined;
    await until('the dead letter', async () => {
      for await (const letter of letters.list()) if (letter.subject.includes(`.${context}.`)) id = letter.id;
      return id !== undefined;
    });
    await letters.replay(id!);
    await until('the result', async () => {
      const now = await handle.result({ timeout: '5s' }).catch(() => undefined);
      return now?.number === 7;
    });
  });

  it('that is cancelled while it waits is never begun', async () => {
    const begun: string[] = [];
    const { context, Register, startWorker } = work(({ name }) => {
      begun.push(name);
      return reply();
    });
    const here = await startApp({ url: server.url });
    const [wanted, unwanted] = [
      await here.bus.dispatch(new Register('wanted')),
      await here.bus.dispatch(new Register('unwanted')),
    ];
    expect(await here.bus.handle(unwanted.id).cancel()).toBe(true);
    expect(await unwanted.cancel()).toBe(false);
    expect(await queued(here, context)).toBe(1);
    await startWorker();
    expect(await wanted.result({ timeout: '10s' })).toEqual(reply());
    expect(await rejection(unwanted.result())).toMatchObject({ code: 'COMMAND_CANCELLED' });
    expect(await wanted.cancel()).toBe(false);
    expect(begun).toEqual(['wanted']);
  });

  it('that is cancelled while it is handled aborts its signal, and has no other result', async () => {
    const signals: AbortSignal[] = [];
    const { gate, open } = gated();
    const { context, Register, startWorker } = work(async (_, { signal }) => {
      signals.push(signal);
      await gate;
      return reply();
    });
    const { bus, ...app } = await startWorker();
    const handle = await bus.dispatch(new Register('Ada'));
    await until('it is handled', () => signals.length === 1);
    expect(await handle.cancel()).toBe(true);
    await until('the signal', () => signals[0]?.aborted === true);
    open();
    expect(await rejection(handle.result())).toMatchObject({ code: 'COMMAND_CANCELLED' });
    await until('it is settled', async () => (await queued({ bus, ...app }, context)) === 0);
    expect(await rejection(handle.result())).toMatchObject({ code: 'COMMAND_CANCELLED' });
    expect(signals).toHaveLength(1);
  });

  it('with an idempotency key is one task, also when it is done', async () => {
    let runs = 0;
    const { Register, startWorker } = work(() => reply(++runs));
    const { bus } = await startWorker();
    const dispatch = () => bus.dispatch(new Register('Ada'), { idempotencyKey: 'order 1' });
    const [first, ...others] = await Promise.all([dispatch(), dispatch(), dispatch()]);
    expect(others.map(({ id }) => id)).toEqual([first.id, first.id]);
    expect(await first.result({ timeout: '10s' })).toEqual(reply(1));
    expect(await (await dispatch()).result({ timeout: '10s' })).toEqual(reply(1));
    expect(runs).toBe(1);
  });

  it('goes ahead of those of lower priority, within the places of the handler', async () => {
    const begun: string[] = [];
    const gates = new Map(['first', 'high', 'normal', 'low'].map((name) => [name, gated()]));
    let running = 0;
    let most = 0;
    const { context, Register, startWorker } = work(
      async ({ name }) => {
        begun.push(name);
        most = Math.max(most, ++running);
        await gates.get(name)?.gate;
        running--;
        return reply();
      },
      { concurrency: 1 },
    );
    const { bus, connection } = await startWorker();
    const first = await bus.dispatch(new Register('first'));
    await until('the only place is taken', () => begun.length === 1);
    const rest = [];
    const order: Priority[] = ['low', 'normal', 'high'];
    for (const priority of order) rest.push(await bus.dispatch(new Register(priority), { priority }));
    const waitHere = (priorities: readonly Priority[]): Promise<void> =>
      until(`${priorities.join()} wait here`, async () => {
        const infos = await Promise.all(
          priorities.map((one) =>
            connection.jsm.consumers.info('COMMAND_TASKS', `${context}-register-${one}`),
          ),
        );
        return infos.every(({ num_pending: pending }) => pending === 0);
      });
    await waitHere(['low', 'high']);
    gates.get('first')?.open();
    await until('the next begins', () => begun.length === 2);
    await waitHere(['low', 'normal']);
    for (const { open } of gates.values()) open();
    await Promise.all([first, ...rest].map((handle) => handle.result({ timeout: '10s' })));
    expect(begun).toEqual(['first', 'high', 'normal', 'low']);
    expect(most).toBe(1);
  });

  it('that is invalid is not stored; one that another client stored is not tried again', async () => {
    let runs = 0;
    const { context, Register, startWorker } = work(() => reply(++runs));
    const { bus, connection } = await startWorker();
    expect(await rejection(bus.dispatch(new Register('A')))).toMatchObject({ code: 'COMMAND_INVALID' });
    await connection.js.publish(`tasks.${context}.register.normal.foreign`, '{"name":"A"}');
    expect(await rejection(bus.handle('foreign').result({ timeout: '10s' }))).toMatchObject({
      code: 'COMMAND_INVALID',
      violations: [{ path: 'name' }],
    });
    expect(runs).toBe(0);
  });

  it('whose result has expired, or that never was, is unknown', async () => {
    const { Register, startWorker } = work(() => reply());
    const { bus } = await startWorker();
    expect(await rejection(bus.handle('nobody').result())).toMatchObject({ code: 'TASK_UNKNOWN' });
    const handle = await bus.dispatch(new Register('Ada'), { keepResult: '1s' });
    expect(await handle.result({ timeout: '10s' })).toEqual(reply());
    await until('it has expired', async () => {
      const error = await handle.result({ timeout: 1 }).catch((thrown: unknown) => thrown);
      return (error as { code?: string }).code === 'TASK_UNKNOWN';
    });
  });

  it('outlives a restart of the server, whether it waits or is handled', async () => {
    const { gate, open } = gated();
    let begun = 0;
    const { Register, startWorker } = work(
      async ({ name }) => {
        begun++;
        await gate;
        return { userId: name, number: 1 };
      },
      { concurrency: 1, ackWait: '2s' },
    );
    const { bus } = await startWorker();
    const handles = [await bus.dispatch(new Register('first')), await bus.dispatch(new Register('second'))];
    await until('one is handled', () => begun >= 1);
    await server.restart({ signal: 'SIGKILL' });
    const third = bus.dispatch(new Register('third'));
    open();
    const replies = await Promise.all(
      [...handles, await third].map((handle) => handle.result({ timeout: '30s' })),
    );
    expect(replies.map(({ userId }) => userId)).toEqual(['first', 'second', 'third']);
  }, 60_000);
});
