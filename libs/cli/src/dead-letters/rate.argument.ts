import { configInvalid } from '@millrace/core';

const RATE = /^(\d+(?:\.\d+)?)(?:\/([smh]))?$/;
const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };

/** How many a second `'50'`, `'50/s'`, `'600/m'` or `'1000/h'` are. @throws MillraceError `CONFIG_INVALID` */
export const perSecondOf = (text: string | undefined): number | undefined => {
  if (text === undefined) return undefined;
  const [, count, unit = 's'] = RATE.exec(text) ?? [];
  const rate = Number(count) / (SECONDS[unit] ?? 1);
  if (rate > 0) return rate;
  throw configInvalid(`--rate is '${text}'`, "Give a number a second, or such as '600/m' or '1000/h'");
};
