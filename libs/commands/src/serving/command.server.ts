import { nuid } from '@nats-io/transport-node';
import { ErrorCode, MillraceConnection, MillraceError, Right } from '@millrace/core';
import { AnswerStore } from '../answers/answer.store.js';
import { HandlerDefaults, resolveHandlerOptions } from '../handler.options.js';
import { CommandInvoker } from '../handling/command.invoker.js';
import { HandlerDefinition } from '../handling/handler.definition.js';
import { servingRights } from '../rights/command.rights.js';
import { HttpExceptions } from '../wire/wire.error.js';
import { CommandEndpoint } from './command.endpoint.js';
import { Responder } from './responder.js';
import { serviceName } from './service.subjects.js';
import { ServiceProtocol } from './service.protocol.js';

export interface CommandServerParts {
  connection: MillraceConnection;
  http: HttpExceptions;
  answers: AnswerStore;
  defaults: HandlerDefaults;
  service: { version: string; description: string };
  shutdownTimeoutMs: number;
}

/** Every command that this replica answers. */
export class CommandServer {
  /** This replica. */
  readonly id = nuid.next();
  private readonly endpoints = new Map<string, { endpoint: CommandEndpoint; label: string }>();
  private readonly responder: Responder;
  private readonly protocol: ServiceProtocol;

  constructor(private readonly own: CommandServerParts) {
    const { connection, service } = own;
    this.responder = new Responder(connection, this.id);
    const identity = { ...service, id: this.id, name: serviceName(connection.name) };
    this.protocol = new ServiceProtocol(connection, identity, () => this.list());
  }

  /**
   * Takes a handler in; nothing is subscribed to yet.
   * @throws MillraceError `SUBSCRIPTION_CONFLICT` where another one handles the command, or `CONFIG_INVALID`.
   */
  add({ contract, options, label, handler }: HandlerDefinition): CommandEndpoint {
    const { connection, answers, http, defaults } = this.own;
    const known = this.endpoints.get(contract.type);
    if (known) throw twoHandlers(contract.type, [known.label, label]);
    const endpoint = new CommandEndpoint({
      connection,
      invoker: new CommandInvoker(contract, handler, connection.codec),
      options: resolveHandlerOptions(options, defaults),
      responder: this.responder,
      answers,
      http,
    });
    this.endpoints.set(contract.type, { endpoint, label });
    return endpoint;
  }

  list(): CommandEndpoint[] {
    return [...this.endpoints.values()].map(({ endpoint }) => endpoint);
  }

  /** What it needs. */
  rights(): Right[] {
    const contracts = this.list().map(({ contract }) => contract);
    return servingRights(contracts, serviceName(this.own.connection.name));
  }

  /** Begins to answer; what it subscribes to has reached the server when it resolves. */
  async start(): Promise<void> {
    for (const endpoint of this.list()) endpoint.start();
    if (this.endpoints.size > 0) this.protocol.start();
    await this.own.connection.nc.flush();
  }

  async stop(): Promise<void> {
    this.protocol.stop();
    await Promise.all(this.list().map((endpoint) => endpoint.stop(this.own.shutdownTimeoutMs)));
    this.responder.close();
  }
}

const twoHandlers = (type: string, handlers: readonly string[]): MillraceError =>
  new MillraceError(ErrorCode.SubscriptionConflict, `${handlers.join(' and ')} both handle ${type}`, {
    remedy: 'A command has one handler: keep one of them',
    details: { type, handlers },
  });
