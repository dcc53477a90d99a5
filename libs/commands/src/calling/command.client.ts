import {
  assertUserHeaders,
  configInvalid,
  delay,
  Duration,
  ErrorCode,
  HeaderName,
  MillraceConnection,
  MillraceError,
  toMillis,
} from '@millrace/core';
import { parentTrace } from '@millrace/delivery';
import { encodeCommand, validateCommand } from '../contracts/command.codec.js';
import { CommandContract, contractOfCommand } from '../contracts/command.decorator.js';
import { currentCommand } from '../handling/current-command.js';
import { timedOut } from '../wire/command.errors.js';
import { Turn } from '../wire/turn.js';
import { HttpExceptions } from '../wire/wire.error.js';
import { CallPorts } from './call.js';
import { CALL_DEFAULTS, ExecuteOptions, ScatterOptions, StreamOptions } from './call.options.js';
import { GatheringCall, ScatterAnswer } from './gathering.call.js';
import { Inbox } from './inbox.js';
import { Outgoing } from './outgoing.js';
import { ReplyReader } from './reply.reader.js';
import { StreamCall } from './stream.call.js';
import { Sendings } from './sendings.js';
import { UnaryCall } from './unary.call.js';

const FIRST_WAIT_MS = 50;
const LAST_WAIT_MS = 2000;
const MAY_PASS: ReadonlySet<unknown> = new Set([
  ErrorCode.CommandNoHandler,
  ErrorCode.CommandOverloaded,
  ErrorCode.CommandTimeout,
]);

type Limits = Pick<ExecuteOptions, 'signal' | 'headers' | 'idempotencyKey'> & { timeoutMs: number };

/** Sends commands and reads their answers. */
export class CommandClient {
  private readonly ports: CallPorts;
  private readonly reader: ReplyReader;

  constructor(
    private readonly connection: MillraceConnection,
    http: HttpExceptions,
    private readonly sendings: Sendings,
  ) {
    this.ports = { connection, inbox: new Inbox(connection), turn: new Turn() };
    this.reader = new ReplyReader(connection.codec, http);
  }

  execute(command: object, options: ExecuteOptions = {}): Promise<unknown> {
    try {
      const contract = this.contractOf(command);
      const timeoutMs = msOf(options.timeout, contract.timeoutMs);
      const checked = validateCommand(contract, command);
      const attempt = (valid: object): Promise<unknown> =>
        this.ask(contract, valid, { ...options, timeoutMs }).result;
      const retries = options.retries ?? 0;
      const run = (valid: object): Promise<unknown> =>
        retries > 0 ? this.insist(() => attempt(valid), retries, options.signal) : attempt(valid);
      return checked instanceof Promise ? checked.then(run) : run(checked);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  async *stream(command: object, options: StreamOptions = {}): AsyncGenerator<unknown, void, undefined> {
    const contract = this.contractOf(command);
    const window = atLeastOne(options.window ?? CALL_DEFAULTS.streamWindow, 'window');
    const valid = await validateCommand(contract, command);
    const limits = { ...options, timeoutMs: msOf(options.timeout, Infinity) };
    const call = new StreamCall(this.ports, this.outgoing(contract, valid, limits), {
      reader: this.reader,
      window,
    });
    call.start();
    yield* call;
  }

  async scatter(command: object, options: ScatterOptions = {}): Promise<ScatterAnswer<unknown>[]> {
    const contract = this.contractOf(command);
    const max = options.max === undefined ? Infinity : atLeastOne(options.max, 'max');
    const valid = await validateCommand(contract, command);
    const limits = { ...options, timeoutMs: toMillis(options.timeout ?? CALL_DEFAULTS.scatterTimeout) };
    const outgoing = this.outgoing(contract, valid, limits);
    const call = new GatheringCall(this.ports, outgoing, { reader: this.reader, max });
    call.start();
    return call.result;
  }

  /** Ends what still waits for an answer. */
  close(): void {
    this.ports.inbox.close();
  }

  /** @throws MillraceError `CONTRACT_UNKNOWN`, `COMMAND_UNDECLARED` */
  private contractOf(command: object): CommandContract {
    const contract = contractOfCommand(command);
    this.sendings.assertDeclared(contract, 'sends');
    return contract;
  }

  private ask(contract: CommandContract, command: object, limits: Limits): UnaryCall {
    const call = new UnaryCall(this.ports, this.outgoing(contract, command, limits), this.reader);
    call.start();
    return call;
  }

  private async insist(
    attempt: () => Promise<unknown>,
    retries: number,
    signal: AbortSignal | undefined,
  ): Promise<unknown> {
    for (let failed = 0; ; failed++) {
      try {
        return await attempt();
      } catch (error) {
        const mayPass = error instanceof MillraceError && MAY_PASS.has(error.code);
        if (!mayPass || failed >= retries || signal?.aborted || noTimeLeft()) throw error;
        await delay(Math.random() * Math.min(LAST_WAIT_MS, FIRST_WAIT_MS * 2 ** (failed + 1)), signal);
      }
    }
  }

  /** @throws MillraceError `COMMAND_TIMEOUT` where the command that is being handled has no time left. */
  private outgoing(contract: CommandContract, command: object, limits: Limits): Outgoing {
    const { headers, idempotencyKey, signal } = limits;
    if (headers) assertUserHeaders(headers);
    const parent = currentCommand();
    const timeoutMs = parent ? Math.min(limits.timeoutMs, parent.remainingMs) : limits.timeoutMs;
    if (timeoutMs <= 0) throw timedOut(contract.type, 0);
    return {
      contract,
      payload: encodeCommand(contract, command, this.connection.codec),
      timeoutMs,
      deadline: this.connection.clock.monotonic() + timeoutMs,
      signal: parent ? both(parent.signal, signal) : signal,
      parentTrace: headers?.[HeaderName.TraceParent] ?? parentTrace(),
      idempotencyKey,
      headers,
    };
  }
}

const noTimeLeft = (): boolean => (currentCommand()?.remainingMs ?? 1) <= 0;

const both = (first: AbortSignal, second: AbortSignal | undefined): AbortSignal =>
  second ? AbortSignal.any([first, second]) : first;

const msOf = (duration: Duration | undefined, otherwise: number): number =>
  duration === undefined ? otherwise : toMillis(duration, 'timeout');

const atLeastOne = (value: number, name: string): number => {
  if (Number.isSafeInteger(value) && value >= 1) return value;
  throw configInvalid(`${name} is ${value}`, 'Give a whole number of at least 1');
};
