import { openSync, writeSync } from 'node:fs';

/** What a process writes down, one JSON array a line; times are {@link monotonicMs}. */
export type JournalLine =
  /** A publisher is about to publish. */
  | readonly ['intent', id: string, atMs: number]
  /** It was told that the event is stored. */
  | readonly ['stored', id: string, sequence: number, atMs: number]
  | readonly ['failed', id: string, mayBeStored: boolean, atMs: number]
  /** A handler has begun, and is about to return. */
  | readonly ['begin', group: string, sequence: number, attempt: number, atMs: number]
  | readonly ['end', group: string, sequence: number, attempt: number, atMs: number];

/** One clock for all processes of a machine, which no shift of the wall clock moves. */
export const monotonicMs = (): number => Number(process.hrtime.bigint() / 1000n) / 1000;

/** Appends lines that survive the death of the process, whatever its cause. */
export class Journal {
  private readonly file: number;

  constructor(path: string) {
    this.file = openSync(path, 'a');
  }

  write(line: JournalLine): void {
    writeSync(this.file, `${JSON.stringify(line)}\n`);
  }
}
