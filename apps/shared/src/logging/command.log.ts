import { type CallHandler, Logger, type NestInterceptor, UseInterceptors } from '@nestjs/common';
import { currentCommand } from '@millrace/commands';
import { type Observable, tap } from 'rxjs';

/** Tells of each command how it ended, and how long its handler took. */
class CommandLog implements NestInterceptor {
  private readonly log = new Logger('Command');

  intercept(_context: unknown, next: CallHandler): Observable<unknown> {
    const command = currentCommand();
    if (!command) return next.handle();
    const { type, kind, attempt } = command;
    const startedAt = performance.now();
    const tell = (outcome: object): void => {
      const ms = Math.round((performance.now() - startedAt) * 10) / 10;
      this.log.debug('handled', { type, kind, attempt, ...outcome, ms });
    };
    return next.handle().pipe(
      tap({
        complete: () => tell({ outcome: 'replied' }),
        // Its name only: a message may hold what was asked for.
        error: (error: unknown) =>
          tell({ outcome: 'failed', error: error instanceof Error ? error.name : 'thrown' }),
      }),
    );
  }
}

/**
 * Lets the log tell, at the level `debug`, of every command that a class handles. What is refused before it comes to
 * a handler is not among them.
 */
export const LogCommands = (): ClassDecorator => UseInterceptors(new CommandLog());
