/**
 * What of a kind an application has said that it uses, by type. Where nothing was said, everything may be used.
 */
export class Declarations<T> {
  private readonly items = new Map<string, T>();
  private given = false;

  /** The application says that it uses these, and by that, if only by an empty list, that it uses no others. */
  declare(items: Iterable<readonly [type: string, item: T]>): void {
    this.given = true;
    for (const [type, item] of items) this.items.set(type, item);
  }

  /** A module of the framework uses this by itself: no reason to hold the application to what it says. */
  permit(type: string, item: T): void {
    if (!this.items.has(type)) this.items.set(type, item);
  }

  /** Whether this may be used: `fits` decides about what was said of the type. */
  allows(type: string, fits: (item: T) => boolean = () => true): boolean {
    if (!this.given) return true;
    const item = this.items.get(type);
    return item !== undefined && fits(item);
  }

  all(): readonly T[] {
    return [...this.items.values()];
  }
}
