import { delay } from '@millrace/core';

/** Wakes one who waits; a ring while nobody does is not lost. */
export class Bell {
  private rung = new AbortController();

  ring(): void {
    this.rung.abort();
  }

  /** Resolves when it has rung since the last wait, or after `ms`. */
  async wait(ms: number): Promise<void> {
    await delay(ms, this.rung.signal);
    this.rung = new AbortController();
  }
}
