const UNPRINTABLE = /[\p{Cc}\p{Bidi_Control}]/gu;

/**
 * Text from elsewhere, fit for a terminal and for one line: what would move the cursor, turn the writing
 * around or break the line is written as an escape of JSON.
 */
export const printable = (text: string): string =>
  text.replace(UNPRINTABLE, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** The same, with its line breaks left as they are. */
export const printableLines = (text: string): string => text.split(/\r?\n/).map(printable).join('\n');

/** At most `length` characters, the end replaced by `…`. */
export const shortened = (text: string, length: number): string =>
  text.length <= length ? text : `${text.slice(0, length - 1)}…`;
