import { probe } from './process/probe.js';
import { Row, rowsOf } from './row.js';
import { Suite } from './suite.js';

const SUBSCRIBERS = 50;
const NEST = '@nestjs/core';
const PACKAGES = [NEST, '@millrace/core', '@millrace/events', '@millrace/storage', '@millrace/locks'];

/** Values by contender; the first round warms up, and makes what is missing on the server. */
const inRounds = async (
  rounds: number,
  once: (note: (contender: string, ms: number) => void) => Promise<void>,
): Promise<Map<string, number[]>> => {
  const values = new Map<string, number[]>();
  for (let round = 0; round <= rounds; round++) {
    await once((contender, ms) => {
      if (round > 0) values.set(contender, [...(values.get(contender) ?? []), ms]);
    });
  }
  return values;
};

const imports = async (rounds: number): Promise<Row[]> => {
  const values = await inRounds(rounds, async (note) => {
    for (const name of PACKAGES) note(name, (await probe<{ ms: number }>('startup/import', name)).ms);
  });
  return rowsOf({ suite: 'startup', case: 'import of a package', unit: 'ms', reference: NEST }, values);
};

const services = async (url: string, rounds: number): Promise<Row[]> => {
  const none = 'no subscribers, process to ready';
  const values = await inRounds(rounds, async (note) => {
    for (const count of [0, SUBSCRIBERS]) {
      const { processMs, serviceMs } = await probe<{ processMs: number; serviceMs: number }>(
        'startup/service',
        url,
        String(count),
      );
      const who = count === 0 ? 'no subscribers' : `${count} subscribers`;
      note(`${who}, process to ready`, processMs);
      note(`${who}, all imported to ready`, serviceMs);
    }
  });
  return rowsOf(
    { suite: 'startup', case: 'a service against a warm server', unit: 'ms', reference: none },
    values,
  );
};

/** How long a process takes to import the packages, and to be ready with its subscribers. */
export const startup: Suite = {
  name: 'startup',
  setting: `each in a process of its own, ${SUBSCRIBERS} subscribers in 5 contexts, file storage, one replica`,
  count: 1,
  run: async ({ url, rounds }) => [...(await imports(rounds)), ...(await services(url, rounds))],
};
