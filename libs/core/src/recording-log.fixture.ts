import { Log } from './logging/log.js';

/** A log that keeps its lines, as in `warn: NATS: lost …`. */
export const recordingLog = (): Log & { lines: string[] } => {
  const lines: string[] = [];
  const at = (level: string) => (message: string) => void lines.push(`${level}: ${message}`);
  return { lines, debug: at('debug'), log: at('log'), warn: at('warn'), error: at('error') };
};
