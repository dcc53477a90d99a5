/** One way to do the work of a case. */
export interface Contender {
  readonly name: string;
  /** Makes ready for `count` pieces of work; not measured. */
  prepare?(count: number): Promise<void>;
  /** Does `count` pieces of work; resolves when all are done, to the milliseconds it took where it knows better. */
  run(count: number): Promise<void | number>;
  close(): Promise<void>;
}

/** One way to do work whose pieces are timed one by one. */
export interface Sampler {
  readonly name: string;
  /** Does `count` pieces of work and resolves to what each took, in milliseconds. */
  sample(count: number): Promise<readonly number[]>;
  close(): Promise<void>;
}

/** Does pieces 0 to `count - 1`, `callers` of them at a time. */
export const inParallel = async (
  callers: number,
  count: number,
  work: (n: number) => Promise<unknown>,
): Promise<void> => {
  let next = 0;
  const caller = async (): Promise<void> => {
    for (let n = next++; n < count; n = next++) await work(n);
  };
  await Promise.all(Array.from({ length: callers }, caller));
};

/** Opens all contenders of a case on one server, does `work` with them, and closes them again. */
export const withAll = async <C extends { close(): Promise<void> }, T>(
  url: string,
  open: readonly ((url: string) => Promise<C>)[],
  work: (contenders: readonly C[]) => Promise<T>,
): Promise<T> => {
  const contenders: C[] = [];
  try {
    for (const one of open) contenders.push(await one(url));
    return await work(contenders);
  } finally {
    for (const contender of contenders) await contender.close();
  }
};
