/** Into so many parts a window is cut: what is older than it is forgotten one part at a time. */
const PARTS = 10;

interface Part {
  index: number;
  handled: number;
  failed: number;
}

/** How many messages were handled, and how many of them failed, within the last `windowMs`. */
export class FailureWindow {
  private parts: Part[] = [];
  private readonly partMs: number;

  constructor(
    windowMs: number,
    private readonly monotonic: () => number,
  ) {
    this.partMs = windowMs / PARTS;
  }

  add(failed: boolean): void {
    const index = Math.floor(this.monotonic() / this.partMs);
    let part = this.parts.at(-1);
    if (part?.index !== index) {
      part = { index, handled: 0, failed: 0 };
      this.parts.push(part);
      while ((this.parts[0]?.index ?? index) <= index - PARTS) this.parts.shift();
    }
    part.handled++;
    if (failed) part.failed++;
  }

  get counts(): { handled: number; failed: number } {
    const oldest = Math.floor(this.monotonic() / this.partMs) - PARTS;
    const within = this.parts.filter(({ index }) => index > oldest);
    return {
      handled: within.reduce((sum, part) => sum + part.handled, 0),
      failed: within.reduce((sum, part) => sum + part.failed, 0),
    };
  }

  clear(): void {
    this.parts = [];
  }
}
