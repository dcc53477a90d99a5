const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
const FORM = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/;

/** Milliseconds of `500ms`, `20s`, `1.5m` or `1h`; `undefined` for any other text, and for no time at all. */
export const parseDuration = (text: string): number | undefined => {
  const [, amount = '', unit = ''] = FORM.exec(text) ?? [];
  const ms = Math.round(Number(amount) * (UNITS[unit] ?? Number.NaN));
  return ms > 0 ? ms : undefined;
};
