import { ConsoleLogger, type LogLevel } from '@nestjs/common';
import { PRODUCTION } from '../config/is-set.decorator.js';
import { logFields } from './log.fields.js';

export const LOG_FORMATS = ['json', 'pretty'] as const;
export type LogFormat = (typeof LOG_FORMATS)[number];

/** Lines of JSON in production, unless told otherwise. */
export const logFormatOf = (environment: { LOG_FORMAT?: string; NODE_ENV?: string }): LogFormat =>
  LOG_FORMATS.find((format) => format === environment.LOG_FORMAT) ??
  (environment.NODE_ENV === PRODUCTION ? 'json' : 'pretty');

/** Nest's own account of its start, of interest when something is not wired as meant. */
const WIRING: readonly unknown[] = [
  'InstanceLoader',
  'NestApplication',
  'NestFactory',
  'RouterExplorer',
  'RoutesResolver',
];
/** Writes out, stack and all, why the app cannot start; `bootstrap` then says it in one line. */
const FAILED_START = 'ExceptionHandler';

export interface AppLoggerOptions {
  /** The app's name. */
  app: string;
  format: LogFormat;
  logLevels?: LogLevel[];
}

type JsonLine = ReturnType<ConsoleLogger['getJsonLogObject']>;
type JsonOptions = Parameters<ConsoleLogger['getJsonLogObject']>[1];

/**
 * Nest's logger, which says of every line what it is about (`LogFields`), and tells of the wiring, and of a
 * failed start in full, only at the level `debug`.
 */
export class AppLogger extends ConsoleLogger {
  private readonly app: string;

  constructor({ app, format, logLevels }: AppLoggerOptions) {
    super({
      prefix: app,
      json: format === 'json',
      flattenParams: true,
      ...(logLevels === undefined ? {} : { logLevels }),
    });
    this.app = app;
  }

  override log(message: unknown, ...more: unknown[]): void {
    if (!WIRING.includes(more.at(-1)) || this.isLevelEnabled('debug')) super.log(message, ...more);
  }

  override error(message: unknown, ...more: unknown[]): void {
    if (more.at(-1) !== FAILED_START || this.isLevelEnabled('debug')) super.error(message, ...more);
  }

  protected override getJsonLogObject(message: unknown, options: JsonOptions): JsonLine {
    return { ...super.getJsonLogObject(message, options), app: this.app, ...logFields() };
  }

  protected override formatContext(context: string): string {
    const about = Object.entries(logFields()).map(([name, value]) => `${name}=${value} `);
    return super.formatContext(context) + about.join('');
  }
}
