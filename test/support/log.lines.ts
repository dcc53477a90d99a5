import { type AppProcess } from './app.process.js';

/** A line of a log in JSON. */
export interface Line {
  level: string;
  context?: string;
  message: string;
  app: string;
  traceId?: string;
  requestId?: string;
  orderId?: string;
  userId?: string;
  [more: string]: unknown;
}

/** What an app writes everything with. */
export const LOG_EVERYTHING = { LOG_FORMAT: 'json', LOG_LEVEL: 'debug' };

export const linesOf = (app: AppProcess): Line[] =>
  app.output
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);
