import { CountActivity, REPORT_CONTEXTS } from '@millrace/contracts';

const DAY_MS = 86_400_000;
/** Keeps a report over years to a number of tasks that one process can watch. */
const MAX_PARTS = 16;

export interface Period {
  from: Date;
  until: Date;
}

/** A period in parts of at least a day, all of one length but the last. */
export const partsOf = ({ from, until }: Period): Period[] => {
  const [begin, end] = [from.getTime(), until.getTime()];
  const length = Math.max(DAY_MS, Math.ceil((end - begin) / MAX_PARTS));
  const parts: Period[] = [];
  for (let at = begin; at < end; at += length) {
    parts.push({ from: new Date(at), until: new Date(Math.min(end, at + length)) });
  }
  return parts;
};

/** What has to be counted for a report: each context, part by part. */
export const countsOf = (period: Period): CountActivity[] =>
  REPORT_CONTEXTS.flatMap((context) =>
    partsOf(period).map(
      ({ from, until }) =>
        new CountActivity({ context, from: from.toISOString(), until: until.toISOString() }),
    ),
  );
