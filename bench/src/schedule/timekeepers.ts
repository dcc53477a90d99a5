import { OpenTimekeeper } from './work.js';

/** What stands in a timekeeper's place until it is wanted: one process uses one of them. */
const LOADERS: Readonly<Record<string, () => Promise<OpenTimekeeper>>> = {
  'millrace delays': async () => (await import('./millrace.delays.js')).millraceDelays,
  'millrace schedules': async () => (await import('./millrace.schedules.js')).millraceSchedules,
  'bullmq delays': async () => (await import('./bullmq.js')).bullDelays,
  'bullmq schedules': async () => (await import('./bullmq.js')).bullSchedules,
};

export const timekeeper = (name: string): Promise<OpenTimekeeper> => {
  const load = LOADERS[name];
  if (load) return load();
  throw new TypeError(`There is no timekeeper '${name}'`);
};
