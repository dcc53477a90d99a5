import { createHash } from 'node:crypto';

/** A number from 0 up to 1: the same for the same text, and as though drawn for different ones. */
export const chanceOf = (text: string): number =>
  createHash('sha256').update(text).digest().readUInt32BE() / 2 ** 32;
