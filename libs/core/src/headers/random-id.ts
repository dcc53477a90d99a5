import { randomFillSync } from 'node:crypto';

const POOL_BYTES = 8192;
const pool = Buffer.alloc(POOL_BYTES);
let used = POOL_BYTES;

/** Where in the pool `bytes` random bytes begin that nobody has seen. */
const draw = (bytes: number): number => {
  // Drawing from the kernel once for a few hundred ids keeps it off the publishing profile.
  if (used + bytes > POOL_BYTES) {
    randomFillSync(pool);
    used = 0;
  }
  used += bytes;
  return used - bytes;
};

/** Random bytes as lower-case hexadecimal digits. */
export const randomHex = (bytes: number): string => {
  const from = draw(bytes);
  return pool.toString('hex', from, from + bytes);
};

const HEX_DIGITS = Buffer.from('0123456789abcdef');
/** Where the digits of each byte stand in `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx`. */
const PLACES = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34];
const text = Buffer.alloc(36, '-');

/**
 * A random UUID, version 4 (RFC 9562). As `crypto.randomUUID`, which leaves half a kilobyte of string pieces
 * behind for each.
 */
export const randomUuid = (): string => {
  const from = draw(16);
  pool[from + 6] = ((pool[from + 6] ?? 0) & 0x0f) | 0x40;
  pool[from + 8] = ((pool[from + 8] ?? 0) & 0x3f) | 0x80;
  for (let at = 0; at < PLACES.length; at++) {
    const byte = pool[from + at] ?? 0;
    const place = PLACES[at] ?? 0;
    text[place] = HEX_DIGITS[byte >> 4] ?? 0;
    text[place + 1] = HEX_DIGITS[byte & 15] ?? 0;
  }
  return text.toString('latin1');
};
