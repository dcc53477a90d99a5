import { headers as createHeaders, Msg } from '@nats-io/transport-node';
import { ErrorCode, MillraceConnection, MillraceError } from '@millrace/core';
import { Answer } from '../wire/answer.js';
import { CommandHeader } from '../wire/command.headers.js';
import { Turn } from '../wire/turn.js';
import { encodeError } from '../wire/wire.codec.js';
import { WireError } from '../wire/wire.error.js';

/**
 * Sends answers. The client throws away what is sent while the connection is away: such answers are kept until it
 * is back, for the caller may still wait.
 */
export class Responder {
  private kept: (() => void)[] = [];
  private readonly turn = new Turn();
  private readonly unwatch: () => void;

  constructor(
    private readonly connection: MillraceConnection,
    /** This replica. */
    private readonly replica: string,
  ) {
    const watch = connection.health.changes.subscribe(({ state }) => {
      if (state === 'connected') this.flush();
    });
    this.unwatch = () => watch.unsubscribe();
  }

  /** @param sign whether to say which replica this is */
  answer(request: Msg, answer: Answer, sign = false): void {
    if (!request.reply) return;
    if (sign) (answer.headers ??= createHeaders()).set(CommandHeader.Replica, this.replica);
    const { reply } = request;
    this.turn.add(() => this.send(reply, answer));
  }

  answerError(request: Msg, error: WireError, sign = false): void {
    this.answer(request, encodeError(error, this.connection.codec), sign);
  }

  close(): void {
    this.turn.end();
    this.flush();
    this.unwatch();
  }

  private send(reply: string, answer: Answer): void {
    if (this.connection.health.current.state === 'connected') this.publish(reply, answer);
    else this.kept.push(() => this.publish(reply, answer));
  }

  private flush(): void {
    const kept = this.kept;
    this.kept = [];
    for (const send of kept) send();
  }

  private publish(reply: string, { payload, headers }: Answer): void {
    const { nc, codec } = this.connection;
    if (nc.isClosed() || nc.isDraining()) return;
    const limit = nc.info?.max_payload ?? Infinity;
    const answer =
      payload.length > limit ? encodeError(tooLarge(payload.length, limit), codec) : { payload, headers };
    nc.publish(reply, answer.payload, answer.headers ? { headers: answer.headers } : undefined);
  }
}

const tooLarge = (bytes: number, limit: number): WireError => {
  const problem = `The reply has ${bytes} bytes`;
  const remedy = `Keep it below the server's limit of ${limit} bytes (max_payload), or answer with a stream`;
  return { kind: 'millrace', code: ErrorCode.CommandTooLarge, problem, remedy, details: { bytes, limit } };
};

/** For what still runs when the application has to go. */
export const shuttingDown = (): MillraceError =>
  new MillraceError(ErrorCode.HandlerTimeout, 'The application is shutting down', {
    remedy: 'Let the handler stop when context.signal aborts, or raise shutdownTimeout',
  });
