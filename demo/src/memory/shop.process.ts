// The apps' stand-in in a process of its own, so that what it keeps is not taken for the runner's.
import { Shop } from './shop.js';

process.on('disconnect', () => process.exit());
process.send?.(await new Shop().start());
