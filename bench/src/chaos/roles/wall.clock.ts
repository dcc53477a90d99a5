const trueNow = Date.now.bind(Date);
let aheadMs = 0;

/** By how much this process's wall clock is wrong from now on. */
export const shiftWallClock = (shiftMs: number): void => {
  aheadMs = shiftMs;
};

/**
 * Replaces the global `Date` by one whose present can be shifted. Wall clocks jump, when they are set; monotonic ones
 * (`performance.now`) do not, so they are left alone. Import it before anything that may keep a reference.
 */
class ShiftedDate extends Date {
  constructor(...parts: [] | [number | string | Date]) {
    if (parts.length === 0) super(trueNow() + aheadMs);
    else super(...(parts as [number]));
  }

  static override now(): number {
    return trueNow() + aheadMs;
  }
}

globalThis.Date = ShiftedDate as DateConstructor;
