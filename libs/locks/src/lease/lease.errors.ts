import { ErrorCode, MillraceError } from '@millrace/core';
import { Resource } from './lease.subjects.js';

const SHOWN_NAME_LENGTH = 64;

/** A resource as errors and logs show it. */
export const shown = ({ kind, name }: Resource): string =>
  `${kind} '${name.length <= SHOWN_NAME_LENGTH ? name : `${name.slice(0, SHOWN_NAME_LENGTH)}…`}'`;

/** Whoever holds what somebody else waits for. */
export interface HolderInfo {
  readonly holder: string;
  /** `undefined` only for a record that cannot be read. */
  readonly token: number | undefined;
  /** How long it has been held. Milliseconds. */
  readonly ageMs: number;
}

export interface LockTimeout {
  resource: Resource;
  waitedMs: number;
  /** Whether the server could tell how things stand. */
  answered: boolean;
  /** Empty where the server could not be asked, and where others were served first. */
  holders: readonly HolderInfo[];
  /** How many were in line before. */
  ahead: number;
  cause?: unknown;
}

const holderText = ({ holder, token, ageMs }: HolderInfo): string =>
  `${holder} has held it for ${Math.round(ageMs)} ms with token ${token ?? 'unknown'}`;

const whyNot = ({ holders, answered, ahead }: LockTimeout): string => {
  if (holders.length > 0) return holders.map(holderText).join('; ');
  return answered ? `${ahead} came first` : 'the server could not be asked';
};

export const lockTimeout = (timeout: LockTimeout): MillraceError => {
  const { resource, waitedMs, holders, ahead, cause } = timeout;
  const [first] = holders;
  return new MillraceError(
    ErrorCode.LockTimeout,
    `The ${shown(resource)} was not free within ${Math.round(waitedMs)} ms: ${whyNot(timeout)}`,
    {
      remedy: 'Wait longer, hold it for less time, or do the work later',
      details: {
        ...resource,
        waitedMs: Math.round(waitedMs),
        ahead,
        holders,
        holder: first?.holder,
        token: first?.token,
        ageMs: first?.ageMs,
      },
      cause,
    },
  );
};

export const lockLost = (resource: Resource, token: number, why: string, cause?: unknown): MillraceError =>
  new MillraceError(
    ErrorCode.LockLost,
    `The lease on ${shown(resource)} (token ${token}) has ended: ${why}`,
    {
      remedy:
        'Stop the work: another may hold the lock. Pass the lock as the fence of what you write, so that a late write is refused',
      details: { ...resource, token },
      cause,
    },
  );

export const lockNotHeld = (resource: Resource, token: number): MillraceError =>
  new MillraceError(ErrorCode.LockNotHeld, `The ${shown(resource)} (token ${token}) was released already`, {
    remedy: 'Acquire it again',
    details: { ...resource, token },
  });

export const locksClosed = (resource: Resource): MillraceError =>
  new MillraceError(ErrorCode.LocksClosed, `The ${shown(resource)} cannot be acquired: locks are closed`, {
    remedy: 'Acquire before the application shuts down',
    details: { ...resource },
  });
