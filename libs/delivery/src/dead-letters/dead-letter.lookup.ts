import { MillraceConnection, toMillis } from '@millrace/core';
import { DeadMessage } from './dead-message.js';
import { readSubject } from './dead-letter.reader.js';
import { DUPLICATE_WINDOW } from './dead-letter.stream.js';

/** By so much the clocks of client and servers may differ. */
const CLOCK_SKEW_MS = 10 * 60_000;

/**
 * Whether the message was dead-lettered for this group longer ago than the server remembers ids: a crash
 * before the acknowledgement, then hours without a replica. Only what is stored that long can have been.
 */
export const hasOlderLetter = async (
  connection: MillraceConnection,
  message: DeadMessage,
  subject: string,
): Promise<boolean> => {
  const until = new Date(connection.clock.now() - toMillis(DUPLICATE_WINDOW) + CLOCK_SKEW_MS);
  if (message.storedAt >= until) return false;
  const { stream, sequence, group, storedAt } = message;
  const from = { start_time: new Date(storedAt.getTime() - CLOCK_SKEW_MS) };
  try {
    // One at a time: most often the first is none, or too young to matter.
    for await (const letter of readSubject(connection, { subject, from, batch: 1 })) {
      if (letter.deadAt >= until) return false;
      const { original } = letter;
      const isSame = original.stream === stream && original.sequence === sequence;
      // A stream made anew counts from 1 again.
      if (isSame && letter.group === group && original.time.getTime() === storedAt.getTime()) return true;
    }
  } catch (error) {
    // A dead letter that is there twice is better than one that is lost.
    connection.log.debug(`${subject}: older dead letters could not be looked at: ${String(error)}`);
  }
  return false;
};
