/** Up to where work that ends in any order has ended without a gap. */
export class Watermark<T> {
  private readonly begun: { result: T | undefined }[] = [];

  /** `onPassed` is told of each result, in the order of beginning. */
  constructor(private readonly onPassed: (result: T) => void) {}

  /** Begins a piece; call what it gives back when the piece has ended. */
  begin(): (result: T) => void {
    const piece: { result: T | undefined } = { result: undefined };
    this.begun.push(piece);
    return (result) => {
      piece.result = result;
      this.advance();
    };
  }

  private advance(): void {
    for (let first = this.begun[0]; first?.result !== undefined; first = this.begun[0]) {
      this.begun.shift();
      this.onPassed(first.result);
    }
  }
}
