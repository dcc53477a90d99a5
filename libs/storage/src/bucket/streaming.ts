/** What `map` makes of each. Ends `source` when it is given up. */
export async function* mapped<A, B>(
  source: AsyncGenerator<A>,
  map: (item: A) => B | Promise<B>,
): AsyncGenerator<B> {
  for await (const item of source) yield await map(item);
}

/** Runs `task` on each, `limit` at once. Ends with the first failure, once what runs has settled. */
export const forEachAtOnce = async <A>(
  source: AsyncIterable<A>,
  limit: number,
  task: (item: A) => Promise<unknown>,
): Promise<number> => {
  const running = new Set<Promise<void>>();
  const failures: unknown[] = [];
  let count = 0;
  for await (const item of source) {
    count++;
    const work = task(item).then(
      () => void running.delete(work),
      (error: unknown) => {
        running.delete(work);
        failures.push(error);
      },
    );
    running.add(work);
    if (running.size >= limit) await Promise.race(running);
    if (failures.length > 0) break;
  }
  await Promise.all(running);
  if (failures.length > 0) throw failures[0];
  return count;
};
