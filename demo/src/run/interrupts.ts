const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** One Ctrl-C arrives more than once: from the terminal, and again from npm, which passes it on. */
const SAME_MS = 500;
const PARENT_POLL_MS = 500;

/** Requests to stop, from wherever they come. The first is for a clean end, a later one for an end at once. */
export class Interrupts {
  private readonly controller = new AbortController();
  private requestedAt: number | undefined;
  private parentWatch: NodeJS.Timeout | undefined;

  constructor(private readonly onForce: () => void) {}

  /** Aborts at the first request. */
  get stop(): AbortSignal {
    return this.controller.signal;
  }

  listen(env: Readonly<Record<string, string | undefined>>): void {
    for (const signal of SIGNALS) process.on(signal, () => this.request(signal));
    // Whoever read our output has gone: `npm start | head`.
    for (const output of [process.stdout, process.stderr])
      output.on('error', () => this.requestOnce('closed output'));
    if (env['npm_lifecycle_event'] !== undefined) this.watchParent();
  }

  request(reason: string, now = performance.now()): void {
    if (this.requestedAt === undefined) {
      this.requestedAt = now;
      this.controller.abort(new Error(`Stopped before everything was ready (${reason})`));
    } else if (now - this.requestedAt > SAME_MS) {
      this.onForce();
    }
  }

  private requestOnce(reason: string): void {
    if (this.requestedAt === undefined) this.request(reason);
  }

  // npm passes signals on, but not SIGKILL: without it nobody is left to end this process.
  private watchParent(): void {
    const parent = process.ppid;
    this.parentWatch = setInterval(() => {
      if (process.ppid === parent) return;
      clearInterval(this.parentWatch);
      this.requestOnce('npm ended');
    }, PARENT_POLL_MS).unref();
  }
}
