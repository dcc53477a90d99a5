import { Contender, inParallel } from '../contender.js';

export const CALLERS = 256;
export const COMMITTERS = 64;
export const KEYS = 5000;

/** The cases, each with contenders of its own. */
export const CASES = {
  put: 'put',
  get: 'get',
  update: 'update',
  mutate: 'mutate',
  replica: 'get from a local replica',
  commit: `commit of one key and one event, ${COMMITTERS} callers`,
} as const;
export type CaseName = keyof typeof CASES;

export const idOf = (n: number): string => `k${n % KEYS}`;

/** Each key's own revision, so that updates never conflict. */
export class Revisions {
  private readonly known = new Map<string, number>();

  constructor(private readonly look: (key: string) => Promise<number | undefined>) {}

  of(key: string): number {
    return this.known.get(key) ?? 0;
  }

  set(key: string, revision: number): void {
    this.known.set(key, revision);
  }

  /** Looks those up that are not known yet. */
  learn(count: number): Promise<void> {
    return inParallel(CALLERS, this.known.size === 0 ? count : 0, async (n) =>
      this.set(idOf(n), (await this.look(idOf(n))) ?? 0),
    );
  }
}

/** Does a piece of work for each number, so many at a time. */
export const pieces = (
  callers: number,
  work: (n: number) => Promise<unknown>,
): Required<Pick<Contender, 'run'>> => ({
  run: (count) => inParallel(callers, count, work),
});
