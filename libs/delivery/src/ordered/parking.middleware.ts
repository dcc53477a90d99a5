import { ErrorCode, MillraceError } from '@millrace/core';
import { Delivery } from '../message/delivery.js';
import { Handler, Middleware } from '../middleware/middleware.js';
import { Outcome } from '../outcome/outcome.js';
import { ParkedKey, ParkedKeys } from './parked.keys.js';

/** On what is replayed to release a parked key: the release, which is one run through its dead letters. */
export const RELEASE = 'Millrace-Release';

export interface ParkingOptions<M extends Delivery> {
  keys: ParkedKeys;
  keyOf: (message: M) => string | undefined;
  /** What is not for this group is nothing to park. */
  isFor: (message: M) => boolean;
}

/**
 * When an event of a key cannot be handled, the later ones of that key join it in the dead letters, until they
 * are released. Runs in the key's turn, so that what it finds stays so until it is done.
 */
export const parking = <M extends Delivery>({ keys, keyOf, isFor }: ParkingOptions<M>): Middleware<M> => {
  // What an earlier owner parked is read once; from then on only this one parks.
  let reading: Promise<Map<string, ParkedKey>> | undefined;
  let known: Map<string, ParkedKey> | undefined;

  const read = async (): Promise<Map<string, ParkedKey>> => {
    reading ??= keys.all();
    try {
      return (known = await reading);
    } catch (error) {
      reading = undefined;
      throw error;
    }
  };

  const park = async (key: string, parked: ParkedKey): Promise<void> => {
    await keys.park(key, parked);
    known?.set(key, parked);
  };

  const free = async (key: string): Promise<void> => {
    await keys.free(key);
    known?.delete(key);
  };

  /** Whether nothing is left of what is to be handled before an event at `sequence`. */
  const isReleased = async (key: string, sequence: number): Promise<boolean> =>
    // In this order: a release notes how far it is before it takes the letter away.
    !(await keys.hasLetters(key)) && sequence >= (await keys.releasedUpTo(key));

  const handle = async (next: Handler<M>, message: M, key: string): Promise<Outcome> => {
    const outcome = await next(message);
    // Before the dead letter is stored: whoever takes over in between finds the key parked.
    if (outcome.kind === 'dead-letter') await park(key, { failed: message.headers[RELEASE] });
    return outcome;
  };

  return (next) => async (message) => {
    const key = keyOf(message);
    if (key === undefined || !isReadable(message) || !isFor(message)) return next(message);
    const parked = (known ?? (await read())).get(key);
    if (!parked) return handle(next, message, key);
    const release = message.headers[RELEASE];
    if (release !== undefined && release !== parked.failed) {
      const outcome = await handle(next, message, key);
      if (outcome.kind !== 'ack') return outcome;
      if (await isReleased(key, message.sequence)) await free(key);
      // It was quicker than who releases it, who looks for this.
      else await park(key, { ...parked, handled: message.sequence });
      return outcome;
    }
    if (!(await isReleased(key, message.sequence))) return { kind: 'dead-letter', cause: keyParked(key) };
    await free(key);
    return handle(next, message, key);
  };
};

// What cannot be read goes to the dead letters by itself.
const isReadable = (message: Delivery): boolean => {
  try {
    return message.headers !== undefined;
  } catch {
    return false;
  }
};

const keyParked = (key: string): MillraceError =>
  new MillraceError(ErrorCode.KeyParked, 'An earlier event of this key could not be handled', {
    remedy: 'Mend the cause, then release the key: its dead letters are handled in order',
    details: { key },
  });
