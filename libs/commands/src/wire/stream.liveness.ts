/** How often each end of a stream says that it is there, where it has nothing else to say. */
export const ALIVE_MS = 5000;
/** After that long without a word the other end is taken for gone. */
export const LOST_MS = 20_000;
