import { BadRequestException, CanActivate, HttpException, Injectable, UseGuards } from '@nestjs/common';
import { NatsServer, startNatsServer } from '@millrace/nats-server';
import {
  childTrace,
  ContractViolationError,
  currentTrace,
  ErrorCode,
  MillraceError,
  traceIdOf,
  withTrace,
} from '@millrace/core';
import {
  closeApps,
  freshContext,
  Registered,
  registerCommand,
  RegisterUser,
  rejection,
  startApp,
  until,
} from './commands.fixture.js';
import { CommandContext, Context, HandleCommand } from './index.js';

let server: NatsServer;
beforeAll(async () => void (server = await startNatsServer()));
afterEach(closeApps, 20_000);
afterAll(() => server.stop());

type Handle = (command: RegisterUser, context: CommandContext) => unknown;

/** A provider that handles `Register` as told. */
const handlerOf = (Register: new (name: string) => RegisterUser, handle: Handle, options = {}) => {
  @Injectable()
  class Handler {
    @HandleCommand(Register, options)
    handle(command: RegisterUser, @Context() context: CommandContext): unknown {
      return handle(command, context);
    }
  }
  return Handler;
};

const reply = (number = 1): Registered => ({ userId: 'u-1', number });
const forever = (): Promise<never> => new Promise(() => undefined);

describe('execute', () => {
  it('resolves to the typed reply of a handler in another application', async () => {
    const Register = registerCommand(freshContext());
    const seen: unknown[] = [];
    const handle: Handle = (command, { type, kind, attempt, headers, remainingMs }) => {
      seen.push(command instanceof Register, type, kind, attempt, headers['x-own'], remainingMs > 3000);
      return reply(command.name.length);
    };
    await startApp({ url: server.url, name: 'user', providers: [handlerOf(Register, handle)] });
    const { bus } = await startApp({ url: server.url, name: 'order' });
    const registered = await bus.execute(new Register('Ada'), { headers: { 'x-own': 'yes' } });
    expect(registered).toBeInstanceOf(Registered);
    expect(registered).toEqual({ userId: 'u-1', number: 3 });
    expect(seen).toEqual([true, expect.stringMatching(/^c\d+\.register$/), 'request', 1, 'yes', true]);
  });

  it('refuses what the application has not said it sends, before anything is sent', async () => {
    const [Said, Unsaid] = [registerCommand(freshContext()), registerCommand(freshContext())];
    const handled: string[] = [];
    const note = (name: string) => () => {
      handled.push(name);
      return reply();
    };
    await startApp({
      url: server.url,
      providers: [handlerOf(Said, note('said')), handlerOf(Unsaid, note('unsaid'), { durable: true })],
    });
    const { bus } = await startApp({ url: server.url, commands: { sends: [Said] } });
    await bus.execute(new Said('Ada'));
    for (const attempt of [
      () => bus.execute(new Unsaid('Ada')),
      () => bus.scatter(new Unsaid('Ada')),
      () => bus.stream(new Unsaid('Ada')).next(),
      () => bus.dispatch(new Said('Ada')),
    ]) {
      expect(await rejection(attempt())).toMatchObject({ code: ErrorCode.CommandUndeclared });
    }
    expect(handled).toEqual(['said']);
  });

  it('is one trace with what the handler executes and publishes', async () => {
    const [Register, Inner] = [registerCommand(freshContext()), registerCommand(freshContext())];
    const { bus } = await startApp({ url: server.url, name: 'caller' });
    const traces: (string | undefined)[] = [];
    const outer: Handle = async (_, { headers }) => {
      traces.push(headers['traceparent'], currentTrace());
      return bus.execute(new Inner('Ada'));
    };
    const inner: Handle = (_, { headers }) => {
      traces.push(headers['traceparent']);
      return reply();
    };
    await startApp({
      url: server.url,
      name: 'callee',
      providers: [handlerOf(Register, outer), handlerOf(Inner, inner)],
    });
    const trace = childTrace(undefined);
    await withTrace(trace, () => bus.execute(new Register('Ada')));
    expect(traces.map(traceIdOf)).toEqual(Array(3).fill(traceIdOf(trace)));
    expect(new Set([trace, ...traces]).size).toBe(3);
  });

  it('takes a request of a bare client, and answers in plain JSON', async () => {
    const context = freshContext();
    const { connection } = await startApp({
      url: server.url,
      providers: [handlerOf(registerCommand(context), () => reply())],
    });
    const ask = (body: string) => connection.nc.request(`commands.${context}.register`, body);
    expect((await ask('{"name":"Ada"}')).json()).toEqual(reply());
    const refused = await ask('{"name":"A"}');
    expect(refused.headers?.get('Nats-Service-Error-Code')).toBe('422');
    expect(refused.headers?.get('Nats-Service-Error')).toBe('COMMAND_INVALID');
    expect((await ask('{')).headers?.get('Nats-Service-Error-Code')).toBe('400');
  });

  it('validates on both sides, in both directions', async () => {
    const context = freshContext();
    const Register = registerCommand(context);
    let handled = 0;
    const { bus, connection } = await startApp({
      url: server.url,
      providers: [handlerOf(Register, () => (handled++, { userId: 7 }))],
    });
    const invalid = await rejection(bus.execute(new Register('A')));
    expect(invalid).toBeInstanceOf(ContractViolationError);
    expect(invalid).toMatchObject({
      code: 'COMMAND_INVALID',
      violations: [{ path: 'name', constraint: 'minLength' }],
    });
    expect(handled).toBe(0);
    expect(await rejection(bus.execute(new Register('Ada')))).toMatchObject({
      code: 'REPLY_INVALID',
      violations: expect.arrayContaining([expect.objectContaining({ path: 'userId' })]),
    });
    // A handler that answers without checking: the caller does.
    const other = freshContext();
    connection.nc.subscribe(`commands.${other}.register`, {
      callback: (_, m) => void m.respond('{"userId":1}'),
    });
    expect(await rejection(bus.execute(new (registerCommand(other))('Ada')))).toMatchObject({
      code: 'REPLY_INVALID',
    });
  });

  it('carries errors as what they were, and never a stack', async () => {
    const context = freshContext();
    const Register = registerCommand(context);
    const thrown: Record<string, Error> = {
      http: new BadRequestException({ message: 'no', field: 'name' }),
      millrace: new MillraceError(ErrorCode.RevisionConflict, 'Taken', {
        remedy: 'Read',
        details: { key: 'k' },
      }),
      plain: new TypeError('the password is hunter2'),
    };
    const { bus, connection } = await startApp({
      url: server.url,
      providers: [
        handlerOf(Register, ({ name }) => {
          throw thrown[name] ?? new Error('?');
        }),
      ],
    });
    const http = await rejection(bus.execute(new Register('http')));
    expect(http).toBeInstanceOf(HttpException);
    expect((http as HttpException).getStatus()).toBe(400);
    expect((http as HttpException).getResponse()).toEqual({ message: 'no', field: 'name' });
    expect(await rejection(bus.execute(new Register('millrace')))).toMatchObject({
      code: 'REVISION_CONFLICT',
      message: 'Taken. Read',
      remedy: 'Read',
      details: { key: 'k' },
    });
    const failed = await rejection(bus.execute(new Register('plain')));
    expect(failed).toMatchObject({ code: 'COMMAND_FAILED' });
    expect(JSON.stringify(failed)).not.toContain('hunter2');
    for (const name of Object.keys(thrown)) {
      const raw = await connection.nc.request(`commands.${context}.register`, JSON.stringify({ name }));
      expect(raw.string()).not.toMatch(/hunter2|\.ts|at |stack/);
    }
  });

  it('fails at once where nobody handles the command', async () => {
    const { bus } = await startApp({ url: server.url });
    const start = performance.now();
    const error = await rejection(
      bus.execute(new (registerCommand(freshContext()))('Ada'), { timeout: '20s' }),
    );
    expect(error).toMatchObject({ code: 'COMMAND_NO_HANDLER' });
    expect(performance.now() - start).toBeLessThan(5000);
  });

  it('tries again where it is told to, until a handler is there', async () => {
    const Register = registerCommand(freshContext());
    const { bus } = await startApp({ url: server.url });
    const asking = bus.execute(new Register('Ada'), { retries: 50 });
    await startApp({ url: server.url, providers: [handlerOf(Register, () => reply())] });
    expect(await asking).toEqual(reply());
  });

  it('gives up in time, and aborts the handler then', async () => {
    const Register = registerCommand(freshContext());
    const signals: AbortSignal[] = [];
    const { bus } = await startApp({
      url: server.url,
      providers: [handlerOf(Register, (_, { signal }) => (signals.push(signal), forever()))],
      commands: { shutdownTimeout: 50 },
    });
    expect(await rejection(bus.execute(new Register('Ada'), { timeout: 200 }))).toMatchObject({
      code: 'COMMAND_TIMEOUT',
    });
    await until('the signal', () => signals[0]?.aborted === true);
    expect(signals[0]?.reason).toMatchObject({ code: 'COMMAND_TIMEOUT' });
  });

  it("cancels the handler's signal when the caller gives up", async () => {
    const Register = registerCommand(freshContext());
    const signals: AbortSignal[] = [];
    await startApp({
      url: server.url,
      providers: [handlerOf(Register, (_, { signal }) => (signals.push(signal), forever()))],
      commands: { shutdownTimeout: 50 },
    });
    const { bus } = await startApp({ url: server.url });
    const caller = new AbortController();
    const asking = rejection(bus.execute(new Register('Ada'), { signal: caller.signal, timeout: '1m' }));
    await until('the handler', () => signals.length === 1);
    caller.abort();
    expect(await asking).toMatchObject({ code: 'COMMAND_CANCELLED' });
    await until('the signal', () => signals[0]?.aborted === true);
    expect(signals[0]?.reason).toMatchObject({ code: 'COMMAND_CANCELLED' });
  });

  it('answers COMMAND_OVERLOADED beyond its concurrency and backlog', async () => {
    const Register = registerCommand(freshContext());
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    let handled = 0;
    const { bus } = await startApp({
      url: server.url,
      providers: [
        handlerOf(Register, async () => (handled++, await gate, reply()), { concurrency: 2, backlog: 1 }),
      ],
    });
    const asking = ['a1', 'a2', 'a3'].map((name) => bus.execute(new Register(name), { timeout: '10s' }));
    await until('both places are taken', () => handled === 2);
    expect(await rejection(bus.execute(new Register('a4')))).toMatchObject({ code: 'COMMAND_OVERLOADED' });
    expect(handled).toBe(2);
    release();
    expect(await Promise.all(asking)).toHaveLength(3);
    expect(handled).toBe(3);
  });

  it('gives what a handler executes no more time than the handler has, and cancels it along', async () => {
    const [Outer, Inner] = [registerCommand(freshContext()), registerCommand(freshContext())];
    const left: number[] = [];
    const inner: AbortSignal[] = [];
    await startApp({
      url: server.url,
      providers: [
        handlerOf(Inner, (_, { remainingMs, signal }) => {
          left.push(remainingMs);
          inner.push(signal);
          return forever();
        }),
      ],
      commands: { shutdownTimeout: 50 },
    });
    const { app, bus } = await startApp({
      url: server.url,
      providers: [handlerOf(Outer, () => busOf().execute(new Inner('Ada'), { timeout: '1h' }))],
      commands: { shutdownTimeout: 50 },
    });
    const busOf = () => bus;
    expect(app).toBeDefined();
    const caller = new AbortController();
    const asking = rejection(bus.execute(new Outer('Ada'), { timeout: '9s', signal: caller.signal }));
    await until('the inner handler', () => left.length === 1);
    expect(left[0]).toBeLessThanOrEqual(9000);
    expect(left[0]).toBeGreaterThan(0);
    caller.abort();
    await asking;
    await until('the inner signal', () => inner[0]?.aborted === true);
  });

  it('lets guards decide', async () => {
    const Register = registerCommand(freshContext());
    class OnlyAda implements CanActivate {
      canActivate(context: { getArgByIndex(at: number): unknown; getType(): string }): boolean {
        const { name } = context.getArgByIndex(0) as RegisterUser;
        return context.getType() === 'command' && name === 'Ada';
      }
    }
    @Injectable()
    class Guarded {
      @UseGuards(OnlyAda)
      @HandleCommand(Register)
      handle(): Registered {
        return reply();
      }
    }
    const { bus } = await startApp({ url: server.url, providers: [Guarded] });
    expect(await bus.execute(new Register('Ada'))).toEqual(reply());
    expect(await rejection(bus.execute(new Register('Bob')))).toMatchObject({ status: 403 });
  });

  it('shares the load of replicas', async () => {
    const Register = registerCommand(freshContext());
    const counts = [0, 0, 0];
    for (const at of counts.keys()) {
      await startApp({
        url: server.url,
        providers: [handlerOf(Register, () => ((counts[at] = (counts[at] ?? 0) + 1), reply(at)))],
      });
    }
    const { bus } = await startApp({ url: server.url });
    await Promise.all(Array.from({ length: 300 }, () => bus.execute(new Register('Ada'))));
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(300);
    for (const count of counts) expect(count).toBeGreaterThan(20);
  });

  it('finishes what is in hand when the application stops', async () => {
    const Register = registerCommand(freshContext());
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    let begun = 0;
    const serving = await startApp({
      url: server.url,
      providers: [handlerOf(Register, async () => (begun++, await gate, reply()))],
    });
    const { bus } = await startApp({ url: server.url });
    const asking = bus.execute(new Register('Ada'));
    await until('it is in hand', () => begun === 1);
    const closing = serving.close();
    await until('it takes no more', async () => {
      const error = await rejection(bus.execute(new Register('Bob'), { timeout: 200 }));
      return MillraceError.is(error, 'COMMAND_NO_HANDLER');
    });
    release();
    expect(await asking).toEqual(reply());
    await closing;
  });
});

describe('scatter', () => {
  it('gathers from every replica, errors included', async () => {
    const Register = registerCommand(freshContext());
    const handle =
      (at: number): Handle =>
      () => {
        if (at === 2) throw new BadRequestException('not I');
        return reply(at);
      };
    for (const at of [0, 1, 2])
      await startApp({ url: server.url, providers: [handlerOf(Register, handle(at))] });
    const { bus } = await startApp({ url: server.url });
    const answers = await bus.scatter(new Register('Ada'), { timeout: '10s', max: 3 });
    expect(new Set(answers.map(({ replica }) => replica)).size).toBe(3);
    const replies = answers.flatMap((answer) => (answer.kind === 'reply' ? [answer.reply.number] : []));
    expect(new Set(replies)).toEqual(new Set([0, 1]));
    expect(answers.find(({ kind }) => kind === 'error')).toMatchObject({ error: { status: 400 } });
  });

  it('ends when its time is up, with what has come; at once where nobody handles it', async () => {
    const Register = registerCommand(freshContext());
    const handle =
      (at: number): Handle =>
      () =>
        at === 0 ? reply(at) : forever();
    for (const at of [0, 1]) {
      await startApp({
        url: server.url,
        providers: [handlerOf(Register, handle(at))],
        commands: { shutdownTimeout: 50 },
      });
    }
    const { bus } = await startApp({ url: server.url });
    expect(await bus.scatter(new Register('Ada'), { timeout: 500 })).toMatchObject([
      { kind: 'reply', reply: { number: 0 } },
    ]);
    const Nobody = registerCommand(freshContext());
    expect(await rejection(bus.scatter(new Nobody('Ada'), { timeout: '20s' }))).toMatchObject({
      code: 'COMMAND_NO_HANDLER',
    });
  });
});
