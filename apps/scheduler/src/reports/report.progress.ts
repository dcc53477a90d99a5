import { type TaskHandle } from '@millrace/commands';

/** Between two times that it is told. */
const TELL_MS = 500;

/** How far tasks have come together: told now and then, and never what was told before. */
export class ReportProgress {
  private readonly shares: number[];
  private readonly timer: NodeJS.Timeout;
  private told = 0;
  private stopped = false;

  constructor(
    parts: readonly TaskHandle[],
    private readonly tell: (share: number) => Promise<void>,
  ) {
    this.shares = parts.map(() => 0);
    parts.forEach((part, at) => void this.follow(part, at));
    this.timer = setInterval(() => this.report(), TELL_MS).unref();
  }

  stop(): void {
    this.stopped = true;
    clearInterval(this.timer);
  }

  private async follow(part: TaskHandle, at: number): Promise<void> {
    try {
      for await (const { fraction } of part.progress()) {
        if (this.stopped) return;
        this.shares[at] = fraction;
      }
      this.shares[at] = 1;
    } catch {
      // Who waits for its result hears of it.
    }
  }

  private report(): void {
    const share = this.shares.reduce((sum, one) => sum + one, 0) / this.shares.length;
    if (share <= this.told) return;
    this.told = share;
    this.tell(share).catch(() => undefined);
  }
}
