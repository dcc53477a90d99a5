/** How many tasks are waited for at once, and how many are worked on. */
export const DISPATCHERS = 128;
export const HANDLERS = 64;
