/**
 * The signal of `controller`, which asks `judge` each time it is looked at.
 *
 * A process that was frozen past its lease runs the callbacks of its sockets before its timers: without the
 * look, it could act once more on a lease that has ended.
 */
export const judgedSignal = (controller: AbortController, judge: () => void): AbortSignal => {
  const { signal } = controller;
  Object.defineProperty(signal, 'aborted', {
    get: (): boolean => {
      judge();
      return Reflect.get(AbortSignal.prototype, 'aborted', signal);
    },
  });
  Object.defineProperty(signal, 'throwIfAborted', {
    value: (): void => {
      judge();
      AbortSignal.prototype.throwIfAborted.call(signal);
    },
  });
  return signal;
};
