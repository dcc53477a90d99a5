const MODULUS = 2 ** 48;
const FNV_PRIME = 0x01000193;

const hash = (text: string, basis: number): number => {
  let value = basis;
  for (const char of text) value = Math.imul(value ^ (char.codePointAt(0) ?? 0), FNV_PRIME);
  return value >>> 0;
};

/** A sum to which each origin adds a number of its own, in any order. */
export const addToDigest = (digest: number, origin: string): number =>
  (digest + hash(origin, 0x811c9dc5) + (hash(origin, 0x1234567) & 0xffff) * 2 ** 32) % MODULUS;
