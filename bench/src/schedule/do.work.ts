import { delay } from '@millrace/core';
import { inParallel } from '../contender.js';
import { Lateness } from './lateness.js';
import { OpenTimekeeper, Outcome, Work } from './work.js';

const MAKERS = 128;
const LOOK_MS = 200;
/** What has not happened so long after the last was due never will; and what comes twice has come by then. */
const PATIENCE_MS = 60_000;
const AFTERMATH_MS = 2000;
const MIB = 1024 ** 2;

/** The most that this process holds, from now on. */
const followMemory = (): { stop: () => number } => {
  let most = 0;
  const look = (): void => void (most = Math.max(most, process.memoryUsage.rss()));
  const timer = setInterval(look, LOOK_MS);
  return {
    stop: () => {
      clearInterval(timer);
      look();
      return most / MIB;
    },
  };
};

/** Makes all pieces, waits until they have happened, and tells how that went. */
export const doWork = async (open: OpenTimekeeper, servers: string, work: Work): Promise<Outcome> => {
  const { count, leadMs, windowMs } = work;
  let lateness = new Lateness(0, () => 0);
  const keeper = await open(servers, (n) => lateness.note(n));
  const memory = followMemory();
  try {
    const first = Date.now() + leadMs;
    lateness = new Lateness(count, () => first + Math.floor(Math.random() * windowMs));
    const start = performance.now();
    await inParallel(MAKERS, count, (n) => keeper.make(n, lateness.due(n)));
    const madePerSecond = (count * 1000) / (performance.now() - start);
    const deadline = first + windowMs + PATIENCE_MS;
    while (!lateness.isComplete && Date.now() < deadline) await delay(LOOK_MS);
    await delay(AFTERMATH_MS);
    return { ...lateness.summary(), madePerSecond, processMiB: memory.stop() };
  } finally {
    memory.stop();
    await keeper.close();
  }
};
