// Does the work of one contender in a process of its own, whose memory is nobody else's; tells its parent how it went.
import 'reflect-metadata';
import { endWithParent } from '../process/end.with.parent.js';
import { doWork } from './do.work.js';
import { timekeeper } from './timekeepers.js';
import { Work } from './work.js';

endWithParent();
const [name = '', servers = '', work = '{}'] = process.argv.slice(2);

const outcome = await doWork(await timekeeper(name), servers, JSON.parse(work) as Work);
process.send?.(outcome);
process.disconnect?.();
