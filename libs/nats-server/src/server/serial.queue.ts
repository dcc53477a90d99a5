/** Runs asynchronous operations one after another, in the order they were asked for. */
export class SerialQueue {
  private last: Promise<unknown> = Promise.resolve();

  run<T>(operation: () => Promise<T>): Promise<T> {
    const result = this.last.then(operation, operation);
    this.last = result.catch(() => {});
    return result;
  }
}
