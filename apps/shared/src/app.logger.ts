import { ConsoleLogger } from '@nestjs/common';

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

/** Nest's logger, which tells of the wiring, and of a failed start in full, only at the level `debug`. */
export class AppLogger extends ConsoleLogger {
  override log(message: unknown, ...more: unknown[]): void {
    if (!WIRING.includes(more.at(-1)) || this.isLevelEnabled('debug')) super.log(message, ...more);
  }

  override error(message: unknown, ...more: unknown[]): void {
    if (more.at(-1) !== FAILED_START || this.isLevelEnabled('debug')) super.error(message, ...more);
  }
}
