// One contender of `events`, in a process of its own.
import { host } from '../process/contender.host.js';
import { EventsContender, openContender } from './contenders.js';

await host((url, contender = '{}') => openContender(url, JSON.parse(contender) as EventsContender));
