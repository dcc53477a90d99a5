/** A step of obtaining a binary. Byte counts are present while an archive is being downloaded. */
export interface ObtainProgress {
  /** The way at work, as it is named in an error's `tried`. */
  readonly way: string;
  /** What is being done, as a short phrase. */
  readonly message: string;
  readonly receivedBytes?: number;
  /** Absent when the sender did not say how long the archive is. */
  readonly totalBytes?: number;
}

export type ProgressListener = (progress: ObtainProgress) => void;

/** The part of a writable stream that printing needs. */
export interface ProgressStream {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

const REDRAW_MS = 100;

/** A listener that redraws one line on a terminal, and elsewhere writes a line per step and per quarter. */
export function createProgressPrinter(
  stream: ProgressStream,
  now: () => number = Date.now,
): ProgressListener {
  return stream.isTTY === true ? terminalPrinter(stream, now) : plainPrinter(stream);
}

function terminalPrinter(stream: ProgressStream, now: () => number): ProgressListener {
  let drawn = '';
  let drawnAt = Number.NEGATIVE_INFINITY;
  return (progress) => {
    const line = describe(progress);
    const continues = drawn !== '' && drawn === progress.message;
    if (continues && now() - drawnAt < REDRAW_MS && !isComplete(progress)) return;
    drawnAt = now();
    stream.write(`${drawn === '' || continues ? '\r' : '\n'}\u001b[2K${line}`);
    drawn = progress.message;
    const finished = progress.receivedBytes === undefined || isComplete(progress);
    if (finished) {
      stream.write('\n');
      drawn = '';
    }
  };
}

function plainPrinter(stream: ProgressStream): ProgressListener {
  let last = '';
  return (progress) => {
    const quarter = Math.floor((fraction(progress) ?? 0) * 4);
    const step = `${progress.way} ${progress.message} ${quarter}`;
    if (step === last) return;
    last = step;
    stream.write(`${describe(progress)}\n`);
  };
}

function describe(progress: ObtainProgress): string {
  const { way, message, receivedBytes, totalBytes } = progress;
  const head = `nats-server, ${way}: ${message}`;
  if (receivedBytes === undefined) return head;
  const share = fraction(progress);
  if (share === undefined) return `${head} ${megabytes(receivedBytes)}`;
  return `${head} ${Math.floor(share * 100)} % of ${megabytes(totalBytes ?? receivedBytes)}`;
}

function fraction({ receivedBytes, totalBytes }: ObtainProgress): number | undefined {
  if (receivedBytes === undefined || !totalBytes) return undefined;
  return Math.min(1, receivedBytes / totalBytes);
}

function isComplete(progress: ObtainProgress): boolean {
  return fraction(progress) === 1;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
