import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** Chance that a seed repeats. */
export class Dice {
  private readonly generator;

  constructor(seed: number) {
    this.generator = xoroshiro128plus(seed);
  }

  /** A whole number from `first` to `last`. */
  between(first: number, last: number): number {
    return uniformInt(this.generator, first, last);
  }

  /** Whether it happens that happens so many times in a thousand. */
  happens(perMille: number): boolean {
    return this.between(1, 1000) <= perMille;
  }

  pick<T>(items: readonly [T, ...T[]]): T {
    return items[this.between(0, items.length - 1)] ?? items[0];
  }
}
