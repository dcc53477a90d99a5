/** Splits a stream of text into lines and remembers the last ones. */
export class LogTail {
  private readonly lines: string[] = [];
  private rest = '';

  constructor(
    private readonly onLine: (line: string) => void,
    private readonly size = 20,
  ) {}

  add(chunk: string): void {
    const lines = (this.rest + chunk).split('\n');
    this.rest = lines.pop() ?? '';
    for (const line of lines) this.take(line);
  }

  /** The last lines, an unfinished one included. */
  last(): readonly string[] {
    return this.rest === '' ? this.lines : [...this.lines, this.rest];
  }

  private take(line: string): void {
    this.lines.push(line);
    if (this.lines.length > this.size) this.lines.shift();
    this.onLine(line);
  }
}
