import { createHash } from 'node:crypto';

const SHARE_BITS = 32;

/** How much later an occurrence fires, from 0 to `jitterMs`: the same for everybody who asks. */
export const jitterOf = (schedule: string, scheduledFor: number, jitterMs: number): number => {
  if (jitterMs === 0) return 0;
  const hash = createHash('sha256').update(`${schedule}@${scheduledFor}`).digest();
  return Math.floor((hash.readUInt32BE() / 2 ** SHARE_BITS) * jitterMs);
};
