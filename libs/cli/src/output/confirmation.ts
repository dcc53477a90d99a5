import { createInterface } from 'node:readline/promises';
import { configInvalid } from '@millrace/core';
import { Output } from './output.js';

/** Asks the user. @throws MillraceError `CONFIG_INVALID` where nobody is there to answer. */
export const confirmed = async (output: Output, question: string, signal: AbortSignal): Promise<boolean> => {
  if (!output.isInteractive || !process.stdin.isTTY) {
    throw configInvalid(`${question} Nobody is there to answer`, 'Say so with --yes');
  }
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await lines.question(`${question} [y/N] `, { signal });
    return /^y(es)?$/i.test(answer.trim());
  } catch {
    // Ctrl-C is an answer.
    return false;
  } finally {
    lines.close();
  }
};
