import { createWriteStream, WriteStream } from 'node:fs';
import { once } from 'node:events';
import { Reject, REJECT_REASONS, RejectReason } from './row.js';

const SHOWN = 10;

export interface RejectListOptions {
  readonly print: (line: string) => void;
  /** Where all of them go, a JSON document a line; written anew by every run. */
  readonly file: string | undefined;
}

/** The rows that are left out: the first are shown, all are counted. */
export class RejectList {
  private readonly counts = new Map<RejectReason, number>();
  private readonly output: WriteStream | undefined;
  private total = 0;

  constructor(private readonly options: RejectListOptions) {
    this.output = options.file === undefined ? undefined : createWriteStream(options.file);
  }

  get byReason(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.counts);
  }

  /** Resolves when there is room for more. */
  async add(reject: Reject): Promise<void> {
    const { line, reason, fields } = reject;
    this.counts.set(reason, (this.counts.get(reason) ?? 0) + 1);
    this.total++;
    if (this.total <= SHOWN) this.options.print(`  line ${line} is left out: ${REJECT_REASONS[reason]}`);
    if (this.total === SHOWN + 1) this.options.print('  further lines that are left out are counted only');
    if (!this.output) return;
    const text = `${JSON.stringify({ line, reason, fields })}\n`;
    if (!this.output.write(text)) await once(this.output, 'drain');
  }

  /** Resolves when the file is written. */
  async end(): Promise<void> {
    if (!this.output) return;
    this.output.end();
    await once(this.output, 'finish');
  }
}
