import { encodeKey, eventStreamName, MillraceConnection, NO_KEY, parseEventSubject } from '@millrace/core';
import {
  AdvisoryReconciler,
  deadSubject,
  DeadLetterWriter,
  DeadMessage,
  isPartitionedStream,
  storedOrigin,
} from '@millrace/delivery';
import { ContextProvisioner } from '../provisioning/context.provisioner.js';
import { EventsPlugins } from './events.plugins.js';

export interface EventDeadLettersParts {
  connection: MillraceConnection;
  contexts: ContextProvisioner;
  plugins: EventsPlugins;
  /** Whether a consumer is one of this application's subscribers. */
  owns: (stream: string, consumer: string) => boolean;
}

const STREAM_PREFIX = eventStreamName('');
/** For what a foreign client stored beside the events of a context. */
const NOT_AN_EVENT = { context: 'unknown', event: 'unknown', keyToken: NO_KEY };

const RECONCILER = 'events';

/** The consumer of advisories of an application that looks after its own events only. */
export const ownReconciler = (app: string): string => `${RECONCILER}-${encodeKey(app)}`;

/** Writes the dead letters of events: those that handlers lead to, and those that only the server knows of. */
export class EventDeadLetters {
  readonly writer: DeadLetterWriter<DeadMessage>;
  private readonly reconciler: AdvisoryReconciler | undefined;

  constructor({ connection, contexts, plugins, owns }: EventDeadLettersParts) {
    this.writer = new DeadLetterWriter<DeadMessage>(connection, subjectOf, () =>
      contexts.restoreDeadLetters(),
    ).tellTo(plugins.deadLetterHooks);
    if (contexts.advisories === 'none') return;
    const own = contexts.advisories === 'own';
    this.reconciler = new AdvisoryReconciler({
      connection,
      mode: contexts.mode,
      ...(own ? { name: ownReconciler(connection.name), app: connection.name } : { name: RECONCILER }),
      ensureStream: () => contexts.restoreAdvisories(),
      isOurs: own ? owns : (stream) => stream.startsWith(STREAM_PREFIX) || isPartitionedStream(stream),
      originOf: (stream, stored) => (isPartitionedStream(stream) ? storedOrigin(stored) : undefined),
      writer: this.writer,
    });
  }

  /** Makes what {@link start} needs. May be called by each subscription. @throws MillraceError `PROVISION_…` */
  async provision(): Promise<void> {
    await this.reconciler?.provision();
  }

  /** Begins to look after events that the server gives up. May be called by each subscription. */
  async start(): Promise<void> {
    await this.reconciler?.start();
  }

  async stop(timeoutMs: number): Promise<void> {
    await this.reconciler?.stop(timeoutMs);
  }
}

/** `dead.<context>.<event>.<group>.<key>` */
const subjectOf = ({ subject, group }: DeadMessage): string =>
  deadSubject({ ...(parseEventSubject(subject) ?? NOT_AN_EVENT), group });
