export interface TimerHandle {
  cancel(): void;
}

/** Time as a port, so that expiry, back-off and zones are testable without waiting. */
export interface Clock {
  /** Wall time, milliseconds since the epoch. */
  now(): number;
  /** Milliseconds that never run backwards; only differences mean anything. */
  monotonic(): number;
  /** Runs `task` once after `ms`. The timer does not keep the process alive. */
  after(ms: number, task: () => void): TimerHandle;
  /** Runs `task` every `ms`, 24 days at most. The timer does not keep the process alive. */
  every(ms: number, task: () => void): TimerHandle;
}

/** Node fires a longer timer at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

const startTimer = (ms: number, task: () => void, keepAlive: boolean): TimerHandle => {
  let timer: NodeJS.Timeout;
  const arm = (leftMs: number): void => {
    const fire = leftMs > MAX_TIMER_MS ? () => arm(leftMs - MAX_TIMER_MS) : task;
    timer = setTimeout(fire, Math.min(leftMs, MAX_TIMER_MS));
    if (!keepAlive) timer.unref();
  };
  arm(ms);
  return { cancel: () => clearTimeout(timer) };
};

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after: (ms, task) => startTimer(ms, task, false),
  every: (ms, task) => {
    const timer = setInterval(task, ms).unref();
    return { cancel: () => clearInterval(timer) };
  },
};

/** Resolves after `ms`, or at once when `signal` aborts. Keeps the process alive meanwhile. */
export const delay = (ms: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = (): void => {
      timer.cancel();
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = startTimer(ms, done, true);
    signal?.addEventListener('abort', done, { once: true });
  });

/** Whether `work` settles within `ms`. Leaves no timer behind, and passes on no failure. */
export const settlesWithin = async (work: Promise<unknown>, ms: number): Promise<boolean> => {
  const giveUp = new AbortController();
  const settled = work.then(
    () => true,
    () => true,
  );
  try {
    return await Promise.race([settled, delay(ms, giveUp.signal).then(() => false)]);
  } finally {
    giveUp.abort();
  }
};
