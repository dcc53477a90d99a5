/** One way to do the work of a case: as a whole, or in pieces that are timed one by one. */
export interface Contender {
  readonly name: string;
  /** Makes ready for `count` pieces of work; not measured. */
  prepare?(count: number): Promise<void>;
  /** Does `count` pieces of work; resolves when all are done, to the milliseconds it took where it knows better. */
  run?(count: number): Promise<void | number>;
  /** Does `count` pieces of work and resolves to what each took, in milliseconds. */
  sample?(count: number): Promise<readonly number[]>;
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
