import { createHash } from 'node:crypto';
import { headers as createHeaders, MsgHdrs, nuid } from '@nats-io/transport-node';
import { Clock, HeaderMap, isServerHeader, readHeaders } from '@millrace/core';
import { CommandContext } from '../handling/command.context.js';
import { CommandState, StateEntry, StateWrite, WRITER } from '../state/command.state.js';
import { Answer } from '../wire/answer.js';
import { CommandHeader } from '../wire/command.headers.js';

/** A call with an idempotency key. */
export interface KeyedCall {
  type: string;
  key: string;
  context: CommandContext;
}

/** How far a call has come: in some replica's hands, answered, or given up without an answer to keep. */
const STATUS = 'Millrace-Status';
const Status = { Running: 'running', Answered: 'answered', Released: 'released' } as const;

/** A replica that is killed keeps a key for what was left of its caller's time, and this. */
const GRACE_MS = 2000;
const LONGEST_CLAIM_MS = 60_000;
/** Nobody tells of a claim that has expired. */
const LOOK_AGAIN_MS = 500;
const NOTHING = new Uint8Array();

/** Gives calls with one key one answer: the first runs, those that come meanwhile wait for it. */
export class AnswerStore {
  constructor(
    private readonly state: CommandState,
    private readonly own: { clock: Clock; keepMs: number },
  ) {}

  /**
   * The answer of the first call with this key; `run` where this is the first.
   * @throws what the context's signal aborts with, where the first call takes longer than this one has.
   */
  async once(call: KeyedCall, run: () => Promise<{ answer: Answer; keep: boolean }>): Promise<Answer> {
    const id = createHash('sha256').update(`${call.type}\n${call.key}`).digest('base64url');
    for (let replaces = 0; ;) {
      const claim = await this.claim(id, replaces, call.context);
      if (claim !== undefined) return this.runAndKeep(id, claim, run);
      const found = await this.settled(id, call.context);
      if (found && statusOf(found) === Status.Answered) return answerOf(found);
      replaces = found?.sequence ?? 0;
    }
  }

  private claim(id: string, replaces: number, { remainingMs }: CommandContext): Promise<number | undefined> {
    const keepMs = Math.min(remainingMs, LONGEST_CLAIM_MS) + GRACE_MS;
    return this.write({ id, replaces, keepMs, body: NOTHING }, Status.Running);
  }

  private async runAndKeep(
    id: string,
    replaces: number,
    run: () => Promise<{ answer: Answer; keep: boolean }>,
  ): Promise<Answer> {
    const { answer, keep } = await run();
    if (keep) {
      const headers = readHeaders(answer.headers);
      await this.write(
        { id, replaces, keepMs: this.own.keepMs, body: answer.payload, headers },
        Status.Answered,
      );
    } else {
      await this.write({ id, replaces, keepMs: GRACE_MS, body: NOTHING }, Status.Released);
    }
    return answer;
  }

  private write(
    entry: Omit<StateWrite, 'kind'>,
    status: (typeof Status)[keyof typeof Status],
  ): Promise<number | undefined> {
    const headers = { ...entry.headers, [STATUS]: status, [WRITER]: nuid.next() };
    return this.state.write({ ...entry, kind: 'answer', headers });
  }

  /** The entry once no replica is at work on it; `undefined` where it has expired. */
  private async settled(id: string, { signal }: CommandContext): Promise<StateEntry | undefined> {
    let look: () => void = () => undefined;
    const unfollow = this.state.follow(id, () => look());
    const giveUp = (): void => look();
    signal.addEventListener('abort', giveUp, { once: true });
    try {
      for (;;) {
        if (signal.aborted) throw signal.reason;
        const found = await this.state.read('answer', id);
        if (!found || statusOf(found) !== Status.Running) return found;
        await new Promise<void>((resolve) => {
          const timer = this.own.clock.after(LOOK_AGAIN_MS, resolve);
          look = () => {
            timer.cancel();
            resolve();
          };
        });
      }
    } finally {
      signal.removeEventListener('abort', giveUp);
      unfollow();
    }
  }
}

const statusOf = ({ headers }: StateEntry): string | undefined => headers[STATUS];

const OURS: ReadonlySet<string> = new Set([CommandHeader.ServiceError, CommandHeader.ServiceErrorCode]);

const isAnswerHeader = (name: string): boolean => OURS.has(name) || !isServerHeader(name);

const answerOf = ({ headers, body }: StateEntry): Answer => ({ payload: body, ...withHeaders(headers) });

// What acts on the server, or says who stored it, was not part of the answer.
const withHeaders = (headers: HeaderMap): { headers?: MsgHdrs } => {
  const own = Object.entries(headers).filter(
    ([name]) => isAnswerHeader(name) && ![STATUS, WRITER].includes(name),
  );
  if (own.length === 0) return {};
  const made = createHeaders();
  for (const [name, value] of own) made.append(name, value);
  return { headers: made };
};
