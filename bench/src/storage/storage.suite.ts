import { measure } from '../measure.js';
import { Opening, withContenders } from '../process/contender.process.js';
import { Row } from '../row.js';
import { Suite } from '../suite.js';
import { CALLERS, CaseName, CASES, KEYS } from './pieces.js';

const PROGRAM = new URL('./storage.contender.js', import.meta.url);

/** A commit is a batch that the server stages on disk: fewer tell as much. */
const COMMIT_SHARE = 0.1;

const piecesOf = (name: CaseName, count: number): number => {
  if (name === 'commit') return Math.ceil(count * COMMIT_SHARE);
  // Two at once on one key would conflict.
  return name === 'update' || name === 'mutate' ? Math.min(count, KEYS) : count;
};

const openingsOf = (url: string, name: CaseName): Opening[] =>
  // By hand there is no commit.
  (name === 'commit' ? ['millrace'] : ['raw', 'millrace']).map((who) => ({
    program: PROGRAM,
    url,
    args: [who, name],
  }));

/** Buckets beside the raw client's own loop; a value is validated on its way in and out. */
export const storage: Suite = {
  name: 'storage',
  setting: `each contender in a process of its own, two small properties, ${CALLERS} callers, ${KEYS} keys, file storage, one replica`,
  count: 20_000,
  run: async ({ url, rounds, count }) => {
    const rows: Row[] = [];
    for (const name of Object.keys(CASES) as CaseName[]) {
      rows.push(
        ...(await withContenders(openingsOf(url, name), (contenders) =>
          measure(
            { suite: 'storage', name: CASES[name], contenders },
            { rounds, count: piecesOf(name, count) },
          ),
        )),
      );
    }
    return rows;
  },
};
