/** A seeded generator (mulberry32): a failure can be repeated. */
export const randomFrom = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

const PIECES = ['.*> _=-%/"\\\0\r\n\t\u007f\u0085', 'é\u00a0\ufeff\ufffd\uffffİß漢🙂AaZz09']
  .flatMap((text) => Array.from(text))
  .concat('=41', '=5F', '==', '👩‍👩‍👧', 'e\u0301', 'order');

/** Strings that are hostile to subjects, headers and JSON alike, well-formed unless `surrogates`. */
export const hostileText = (random: () => number, surrogates = false): string => {
  let text = '';
  for (let left = Math.floor(random() * 24); left > 0; left--) {
    const kind = random();
    if (kind < 0.6) text += PIECES[Math.floor(random() * PIECES.length)];
    else if (kind < 0.9) text += String.fromCodePoint(Math.floor(random() * 0xd800));
    else text += String.fromCodePoint(0x10000 + Math.floor(random() * 0x100000));
    if (surrogates && random() < 0.2) text += String.fromCharCode(0xd800 + Math.floor(random() * 0x800));
  }
  return text;
};
