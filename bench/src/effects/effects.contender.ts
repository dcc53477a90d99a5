// One contender of `effects`, in a process of its own.
import { host } from '../process/contender.host.js';
import { openBacklog, WayName } from './backlogs.js';

await host((url, way = '') => openBacklog(url, way as WayName));
