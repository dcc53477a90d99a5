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
  /** Runs `task` every `ms`. The timer does not keep the process alive. */
  every(ms: number, task: () => void): TimerHandle;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after: (ms, task) => {
    const timer = setTimeout(task, ms).unref();
    return { cancel: () => clearTimeout(timer) };
  },
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
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
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
