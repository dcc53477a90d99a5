import { styleText } from 'node:util';
import { errorMessage, MillraceError } from '@millrace/core';
import { Environment } from '../connection/connection.settings.js';
import { barFor, Progress, silentProgress } from './progress.js';
import { printableLines } from './printable.js';

export interface OutputStream extends NodeJS.WritableStream {
  isTTY?: boolean;
}

export interface OutputParts {
  /** Results. */
  out: OutputStream;
  /** Everything else: notes, progress, errors. */
  err: OutputStream;
  json: boolean;
  /** Whether they are wanted where they can be shown. */
  colours: boolean;
  env: Environment;
}

export type Style = 'bold' | 'dim' | 'red' | 'yellow' | 'green' | 'cyan';

/** What a command says, and to whom. Piped, it has neither colours nor a bar. */
export class Output {
  constructor(private readonly own: OutputParts) {}

  /** Whether results are for programs. */
  get isJson(): boolean {
    return this.own.json;
  }

  /** Whether somebody is there to be asked. */
  get isInteractive(): boolean {
    return this.own.err.isTTY === true && !this.own.json;
  }

  /** A result. */
  line(text: string): void {
    this.own.out.write(`${text}\n`);
  }

  /** A result as one line of JSON. */
  json(value: unknown): void {
    this.own.out.write(`${JSON.stringify(value)}\n`);
  }

  /** Something said beside the results. */
  note(text: string): void {
    this.own.err.write(`${text}\n`);
  }

  error(error: unknown): void {
    if (this.own.json) {
      const told = error instanceof MillraceError ? error.toJSON() : { message: errorMessage(error) };
      this.own.err.write(`${JSON.stringify({ error: told })}\n`);
      return;
    }
    const code = error instanceof MillraceError ? ` [${error.code}]` : '';
    this.note(
      `${this.paint('red', 'millrace:', this.own.err)} ${printableLines(errorMessage(error))}${code}`,
    );
  }

  paint(style: Style, text: string, stream: OutputStream = this.own.out): string {
    return this.hasColours(stream) ? styleText(style, text) : text;
  }

  /** A bar for `total` steps, where somebody sees it. */
  progress(total: number): Progress {
    return this.isInteractive ? barFor(this.own.err, total) : silentProgress;
  }

  private hasColours(stream: OutputStream): boolean {
    const { colours, env } = this.own;
    // https://no-color.org
    return colours && stream.isTTY === true && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
  }
}
