import { ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { delay } from '@millrace/core';

export interface FleetOptions {
  url: string;
  context: string;
  partitions: number;
  /** A handler takes up to so long. */
  handlerMs: number;
  /** The share of handlings that fail. */
  failures: number;
}

interface Handling {
  key: string;
  n: number;
  start: bigint;
  /** `undefined` where the handler failed or was killed. */
  end: bigint | undefined;
  /** It had its turn before its replica stood still, and began when that went on. */
  thawed: boolean;
}

/** What the records of all replicas say. */
export interface Verdict {
  /** Events handled to the end, each counted once. */
  handled: number;
  /** Handlings that began before the event before it was handled. */
  early: string[];
  /** Handlings of one key at the same time, except those of a replica that stood still meanwhile. */
  overlapping: string[];
  /** The longest time in which nothing ended, in milliseconds. */
  longestGapMs: number;
}

/** One replica in a process of its own. */
export class Replica {
  constructor(
    readonly child: ChildProcess,
    readonly file: string,
    private readonly context: string,
  ) {}

  async partitions(): Promise<number[]> {
    const answer = once(this.child, 'message');
    this.child.send('partitions');
    const [{ partitions }] = (await answer) as [{ partitions: Record<string, number[]> }];
    return partitions[this.context] ?? [];
  }

  /** Ends the process; resolves when it is gone. */
  async end(signal: NodeJS.Signals): Promise<void> {
    const gone = once(this.child, 'exit');
    this.child.kill(signal);
    await gone;
  }
}

const WAIT_MS = 40_000;

/** Replicas of one group, each in a process of its own, and what they wrote down. */
export class Fleet {
  readonly replicas: Replica[] = [];
  private readonly folder = mkdtempSync(join(tmpdir(), 'millrace-ordered-'));
  private readonly files: string[] = [];

  constructor(private readonly options: FleetOptions) {}

  async add(): Promise<Replica> {
    const file = join(this.folder, `${this.files.length}.log`);
    this.files.push(file);
    const program = fileURLToPath(new URL('../fixtures/ordered-replica.mjs', import.meta.url));
    const settings = JSON.stringify({ ...this.options, file });
    const child = fork(program, [settings], { execArgv: [], stdio: 'inherit' });
    await once(child, 'message');
    const replica = new Replica(child, file, this.options.context);
    this.replicas.push(replica);
    return replica;
  }

  async remove(replica: Replica, signal: NodeJS.Signals): Promise<void> {
    this.replicas.splice(this.replicas.indexOf(replica), 1);
    await replica.end(signal);
  }

  /** How many partitions each replica owns, fewest first. */
  async shares(): Promise<number[]> {
    const owned = await Promise.all(this.replicas.map((replica) => replica.partitions()));
    return owned.map(({ length }) => length).sort((a, b) => a - b);
  }

  /** Resolves when so many events have been handled. */
  async handled(count: number): Promise<void> {
    const deadline = performance.now() + WAIT_MS;
    while (this.verdict().handled < count) {
      if (performance.now() > deadline) throw new Error(`Only ${this.verdict().handled} of ${count} handled`);
      await delay(100);
    }
  }

  verdict(): Verdict {
    return judge(this.files.flatMap((file) => readRecord(readFileSync(file, 'utf8'))));
  }

  async close(): Promise<void> {
    await Promise.all(this.replicas.map((replica) => replica.end('SIGKILL')));
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const readRecord = (text: string): Handling[] => {
  const handlings: Handling[] = [];
  const running = new Map<string, Handling>();
  let before = 0n;
  let thawedAt: bigint | undefined;
  for (const line of text.split('\n').slice(0, -1)) {
    const [what, key = '', n, , time = '0'] = line.split(' ');
    const now = BigInt(time);
    if (before > 0n && now - before > STILL_NS) thawedAt = now;
    before = now;
    if (what === 'start') {
      const thawed = thawedAt !== undefined && now - thawedAt < TURN_NS;
      const handling = { key, n: Number(n), start: now, end: undefined, thawed };
      running.set(key, handling);
      handlings.push(handling);
    } else {
      const handling = running.get(key);
      if (handling) handling.end = now;
    }
  }
  return handlings;
};

const judge = (handlings: Handling[]): Verdict => {
  const byKey = group(handlings);
  const verdict: Verdict = { handled: 0, early: [], overlapping: [], longestGapMs: longestGap(handlings) };
  for (const ofKey of byKey.values()) {
    ofKey.sort((a, b) => (a.start < b.start ? -1 : 1));
    const done: Handling[] = [];
    for (const handling of ofKey) {
      const { key, n, start } = handling;
      if (n > 1 && !done.some((other) => other.n === n - 1 && (other.end ?? 0n) <= start)) {
        verdict.early.push(`${key} ${n}`);
      }
      if (!handling.thawed && done.some((other) => !stoodStill(other) && (other.end ?? 0n) > start)) {
        verdict.overlapping.push(`${key} ${n}`);
      }
      if (handling.end !== undefined) done.push(handling);
    }
    verdict.handled += new Set(done.map(({ n }) => n)).size;
  }
  return verdict;
};

/** No handler takes so long by itself. */
const STILL_NS = 2_000_000_000n;
/** What a replica was about to do when it was stopped is done first: it cannot know yet what it has lost. */
const TURN_NS = 50_000_000n;

const stoodStill = ({ start, end, thawed }: Handling): boolean =>
  thawed || (end !== undefined && end - start > STILL_NS);

const group = (handlings: Handling[]): Map<string, Handling[]> => {
  const groups = new Map<string, Handling[]>();
  for (const handling of handlings) {
    groups.set(handling.key, [...(groups.get(handling.key) ?? []), handling]);
  }
  return groups;
};

const longestGap = (handlings: Handling[]): number => {
  const ends = handlings
    .flatMap(({ end }) => (end === undefined ? [] : [end]))
    .sort((a, b) => (a < b ? -1 : 1));
  return ends.reduce((gap, end, at) => Math.max(gap, Number(end - (ends[at - 1] ?? end)) / 1e6), 0);
};
