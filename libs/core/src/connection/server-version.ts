import { ErrorCode } from '../errors/error-codes.js';
import { MillraceError } from '../errors/millrace.error.js';

/** Atomic batches, per-message TTL and message schedules came with 2.12. */
export const MIN_SERVER_VERSION = '2.12.0';

const parts = (version: string): [number, number] => {
  const [major = 0, minor = 0] = version
    .replace(/^v/, '')
    .split('.')
    .map((part) => Number.parseInt(part, 10));
  return [major, minor];
};

export const isAtLeast = (version: string, minimum: string): boolean => {
  const [major, minor] = parts(version);
  const [minMajor, minMinor] = parts(minimum);
  return major > minMajor || (major === minMajor && minor >= minMinor);
};

/** @throws `SERVER_TOO_OLD` */
export const assertServerVersion = (version: string): void => {
  if (isAtLeast(version, MIN_SERVER_VERSION)) return;
  throw new MillraceError(
    ErrorCode.ServerTooOld,
    `The NATS server is ${version || 'of an unknown version'}`,
    {
      remedy: `Upgrade it to ${MIN_SERVER_VERSION} or newer`,
      details: { version, minimum: MIN_SERVER_VERSION },
    },
  );
};
