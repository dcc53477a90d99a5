/** Says how many handlers may begin, and how many messages are worth holding for them. */
export interface Gate {
  /**
   * How many of `wanted` may begin now, where `waiting` would if there were handlers for them. Whoever asks begins
   * exactly so many, at once.
   */
  admit(wanted: number, waiting: number): number;
  /** How many messages may wait here for their turn: no more are pulled. */
  readonly waitingLimit: number;
  /** A handler begins with this message. */
  begun?(message: object): void;
  /** It has ended, whatever came of it. */
  ended?(message: object): void;
  /** Calls `listener` whenever more may begin than when it was last asked. Returns how to stop. */
  watch(listener: () => void): () => void;
  /** Ends its timers. */
  stop(): void;
}

/** Lets everything through at once. */
export const OPEN_GATE: Gate = {
  admit: (wanted) => wanted,
  waitingLimit: Infinity,
  watch: () => () => undefined,
  stop: () => undefined,
};

/** Several gates in a row. The last is asked only for what those before it let through. */
export const gatesInRow = (gates: readonly Gate[]): Gate => ({
  admit: (wanted, waiting) =>
    gates.reduce((left, gate) => (left > 0 ? gate.admit(left, waiting) : 0), wanted),
  get waitingLimit() {
    return Math.min(Infinity, ...gates.map(({ waitingLimit }) => waitingLimit));
  },
  begun: (message) => {
    for (const gate of gates) gate.begun?.(message);
  },
  ended: (message) => {
    for (const gate of gates) gate.ended?.(message);
  },
  watch: (listener) => {
    const unwatch = gates.map((gate) => gate.watch(listener));
    return () => {
      for (const end of unwatch) end();
    };
  },
  stop: () => {
    for (const gate of gates) gate.stop();
  },
});
