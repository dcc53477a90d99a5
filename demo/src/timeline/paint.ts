const CODES = { dim: 2, red: 31, green: 32, yellow: 33, cyan: 36, bold: 1 } as const;

/** Colours text, or leaves it. */
export type Paint = (color: keyof typeof CODES, text: string) => string;

export const plain: Paint = (_, text) => text;
export const ansi: Paint = (color, text) => `\u001b[${CODES[color]}m${text}\u001b[0m`;

/** Colours for a terminal, unless the user does not want any (https://no-color.org). */
export const paintFor = (
  { isTTY }: { isTTY?: boolean },
  env: Readonly<Record<string, string | undefined>>,
): Paint => (isTTY === true && !env['NO_COLOR'] ? ansi : plain);
