const AMERICAN = /^(\d{1,2})\/(\d{1,2})\/(\d{4})(?: (\d{1,2}):(\d{2})(?::(\d{2}))?)?$/;
const ISO = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/;

/** Whether it is a time of the calendar: `12/1/2010 8:26` with the month first, or ISO 8601. */
export const isInvoiceDate = (text: string): boolean => {
  const american = AMERICAN.exec(text);
  if (american) {
    const [, month, day, year, ...time] = american.map(Number);
    return exists([year, month, day], time);
  }
  const [, year, month, day, ...time] = (ISO.exec(text) ?? []).map(Number);
  return exists([year, month, day], time);
};

const exists = ([year, month, day]: (number | undefined)[], time: (number | undefined)[]): boolean => {
  if (year === undefined || month === undefined || day === undefined) return false;
  const date = new Date(Date.UTC(year, month - 1, day));
  const [hour = 0, minute = 0, second = 0] = time.map((part) => part || 0);
  return (
    date.getUTCMonth() === month - 1 && date.getUTCDate() === day && hour < 24 && minute < 60 && second < 60
  );
};
