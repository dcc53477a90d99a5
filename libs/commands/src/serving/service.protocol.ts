import { Msg, Subscription } from '@nats-io/transport-node';
import { assertNever, MillraceConnection } from '@millrace/core';
import { CommandEndpoint, QUEUE_GROUP } from './command.endpoint.js';
import { Verb, VERBS, verbSubjects } from './service.subjects.js';

/** What a service says of itself (ADR-32). */
export interface ServiceIdentity {
  /** Letters, digits, `-` and `_`. */
  readonly name: string;
  /** This replica. */
  readonly id: string;
  /** Semantic version. */
  readonly version: string;
  readonly description: string;
}

/** Answers `$SRV.PING`, `INFO` and `STATS`, so that `nats micro ls`, `info` and `stats` show this replica. */
export class ServiceProtocol {
  private subscriptions: Subscription[] = [];
  private readonly started: string;

  constructor(
    private readonly connection: MillraceConnection,
    private readonly identity: ServiceIdentity,
    private readonly endpoints: () => readonly CommandEndpoint[],
  ) {
    this.started = new Date(connection.clock.now()).toISOString();
  }

  start(): void {
    const { name, id } = this.identity;
    this.subscriptions = VERBS.flatMap((verb) =>
      verbSubjects(verb, name, id).map((subject) =>
        this.connection.nc.subscribe(subject, {
          callback: (error, message) => {
            if (!error) this.answer(verb, message);
          },
        }),
      ),
    );
  }

  stop(): void {
    if (!this.connection.nc.isClosed())
      for (const subscription of this.subscriptions) subscription.unsubscribe();
    this.subscriptions = [];
  }

  private answer(verb: Verb, message: Msg): void {
    message.respond(JSON.stringify(this.describe(verb)));
  }

  private describe(verb: Verb): object {
    const { name, id, version, description } = this.identity;
    const common = { name, id, version, metadata: {} };
    switch (verb) {
      case 'PING':
        return { type: 'io.nats.micro.v1.ping_response', ...common };
      case 'INFO':
        return {
          type: 'io.nats.micro.v1.info_response',
          ...common,
          description,
          endpoints: this.endpoints().map((endpoint) => ({
            ...endpointOf(endpoint),
            metadata: { scatter: endpoint.subjects.all },
          })),
        };
      case 'STATS':
        return {
          type: 'io.nats.micro.v1.stats_response',
          ...common,
          started: this.started,
          endpoints: this.endpoints().map((endpoint) => ({
            ...endpointOf(endpoint),
            ...endpoint.stats.read(),
          })),
        };
      default:
        return assertNever(verb);
    }
  }
}

const endpointOf = ({
  type,
  subjects,
}: CommandEndpoint): { name: string; subject: string; queue_group: string } => ({
  // A name has no dots.
  name: type.replace('.', '-'),
  subject: subjects.one,
  queue_group: QUEUE_GROUP,
});
