import { AppName } from '../apps.js';
import { Paint } from '../timeline/paint.js';

export interface HeaderParts {
  readonly urls: Readonly<Record<AppName, string>>;
  readonly natsUrl: string;
  readonly monitoringUrl: string | undefined;
  readonly logDir: string;
  readonly readyMs: number;
}

/** What a newcomer needs to know once everything runs. */
export const headerLines = (
  { urls, natsUrl, monitoringUrl, logDir, readyMs }: HeaderParts,
  paint: Paint,
): string[] => [
  '',
  paint('bold', `Millrace is running, ready after ${(readyMs / 1000).toFixed(1)} s`),
  '',
  ...Object.entries(urls).map(
    ([name, url]) => `  ${name.padEnd(10)} ${paint('cyan', url)}   API: ${url}/docs`,
  ),
  `  ${'NATS'.padEnd(10)} ${paint('cyan', natsUrl)}${monitoringUrl === undefined ? '' : `   monitoring: ${monitoringUrl}`}`,
  `  ${'logs'.padEnd(10)} ${logDir}`,
  '',
  'To watch the events from another terminal:',
  '',
  `  nats sub 'events.>' -s ${natsUrl}`,
  '',
];
