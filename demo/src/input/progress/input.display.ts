import progress from 'cli-progress';
import { InputPosition } from '../order.input.js';

/** Shows how far a file has been fed. */
export interface InputDisplay {
  update(position: InputPosition): void;
  /** Prints a line, and leaves what is shown whole. */
  print(line: string): void;
  stop(): void;
}

export interface InputDisplayOptions {
  readonly print: (line: string) => void;
  readonly size: number;
  /** Milliseconds; monotonic. */
  readonly now: () => number;
}

const LINE_MS = 5000;
const CLEAR_LINE = '\r\u001b[K';

/** How fast it goes and how long it takes. What an earlier run had done passes in a moment and says nothing. */
export class InputPace {
  private since: { at: number; bytes: number; rows: number } | undefined;

  constructor(private readonly options: Pick<InputDisplayOptions, 'size' | 'now'>) {}

  of({ bytes, rows, skipped }: InputPosition): { rowsPerSecond: number; leftMs: number | undefined } {
    const now = this.options.now();
    if (!this.since || rows <= skipped) this.since = { at: now, bytes, rows };
    const ms = now - this.since.at;
    const done = bytes - this.since.bytes;
    if (ms <= 0 || done <= 0) return { rowsPerSecond: 0, leftMs: undefined };
    return {
      rowsPerSecond: ((rows - this.since.rows) * 1000) / ms,
      leftMs: ((this.options.size - bytes) * ms) / done,
    };
  }
}

/** `1 h 02 min`, `3 min 20 s`, `40 s`. */
export const timeLeft = (ms: number | undefined): string => {
  if (ms === undefined) return '?';
  const seconds = Math.ceil(ms / 1000);
  const two = (value: number): string => String(value).padStart(2, '0');
  if (seconds >= 3600) return `${Math.floor(seconds / 3600)} h ${two(Math.floor((seconds % 3600) / 60))} min`;
  return seconds >= 60 ? `${Math.floor(seconds / 60)} min ${two(seconds % 60)} s` : `${seconds} s`;
};

/** A bar for a terminal. */
export const inputBar = (stream: NodeJS.WritableStream, options: InputDisplayOptions): InputDisplay => {
  const pace = new InputPace(options);
  const bar = new progress.SingleBar(
    {
      stream,
      format: '{bar} {percentage} % · {rows} rows · {rate} rows/s · {left} left',
      hideCursor: true,
      // The run has its own way to end on Ctrl-C.
      gracefulExit: false,
      barsize: 30,
    },
    progress.Presets.shades_classic,
  );
  bar.start(options.size, 0, { rows: 0, rate: 0, left: '?' });
  return {
    update(position) {
      const { rowsPerSecond, leftMs } = pace.of(position);
      const payload = { rows: position.rows, rate: Math.round(rowsPerSecond), left: timeLeft(leftMs) };
      bar.update(position.bytes, payload);
    },
    print(line) {
      stream.write(CLEAR_LINE);
      options.print(line);
      bar.render();
    },
    stop: () => bar.stop(),
  };
};

/** A line now and then, where there is no terminal. */
export const inputTicker = (options: InputDisplayOptions): InputDisplay => {
  const pace = new InputPace(options);
  let shownAt = options.now();
  return {
    update(position) {
      const { rowsPerSecond, leftMs } = pace.of(position);
      if (options.now() - shownAt < LINE_MS) return;
      shownAt = options.now();
      const percentage = Math.floor((100 * position.bytes) / Math.max(1, options.size));
      const rate = Math.round(rowsPerSecond);
      options.print(`${percentage} % · ${position.rows} rows · ${rate} rows/s · ${timeLeft(leftMs)} left`);
    },
    print: options.print,
    stop: () => undefined,
  };
};

export const silentInput: InputDisplay = {
  update: () => undefined,
  print: () => undefined,
  stop: () => undefined,
};
