import {
  ClassOf,
  ContextSettings,
  ErrorCode,
  EventContract,
  eventContractOf,
  MillraceConnection,
  MillraceError,
  parseEventName,
  ProvisionMode,
  settingsFor,
  sourcedEventStream,
} from '@millrace/core';
import { occurrenceSource } from '../keeping/occurrence.stream.js';
import { ScheduledEvent, templateOf } from './event.template.js';
import { EventTarget } from './schedule.target.js';

export interface EventTargetsOptions {
  mode: ProvisionMode;
  contexts: Readonly<Record<string, ContextSettings>>;
  /** The events that schedules made at run time publish; `undefined`: any. */
  publishes: readonly ClassOf<object>[] | undefined;
}

/** The events that schedules publish, and that their contexts take them from the occurrences. */
export class EventTargets {
  /** What schedules made at run time may publish; `undefined`: anything. */
  readonly declared: readonly EventContract[] | undefined;
  private readonly sources = new Map<string, Promise<void>>();

  /** @throws MillraceError `CONTRACT_UNKNOWN` */
  constructor(
    private readonly connection: MillraceConnection,
    private readonly options: EventTargetsOptions,
  ) {
    this.declared = options.publishes?.map((event) => eventContractOf(event));
  }

  /** Makes what publishing the declared events needs. @throws MillraceError `PROVISION_…` */
  async provision(): Promise<void> {
    for (const { name } of this.declared ?? []) await this.ensureSource(name.context);
  }

  /** The event as it is stored. @throws MillraceError `EVENT_UNDECLARED`, and what {@link declaredTargetOf} throws. */
  async targetOf<T extends object>(event: ScheduledEvent<T>, type?: ClassOf<T>): Promise<EventTarget> {
    const target = await templateOf(event, type);
    if (this.declared?.every((contract) => contract.type !== target.type)) throw undeclared(target.type);
    await this.ensureSource(parseEventName(target.type).context);
    return target;
  }

  /** As {@link targetOf}, of a decorator, which is a declaration itself. */
  async declaredTargetOf<T extends object>(
    event: ScheduledEvent<T>,
    type?: ClassOf<T>,
  ): Promise<EventTarget> {
    const target = await templateOf(event, type);
    await this.ensureSource(parseEventName(target.type).context);
    return target;
  }

  /** Once for each context: schedules that are made at the same time would wait for each other's lease. */
  private ensureSource(context: string): Promise<void> {
    const known = this.sources.get(context);
    if (known) return known;
    const { mode, contexts } = this.options;
    const stream = sourcedEventStream(context, occurrenceSource(context), settingsFor(contexts, context));
    const ensuring = this.connection.streams.ensure(stream, mode).then(() => undefined);
    this.sources.set(context, ensuring);
    ensuring.catch(() => this.sources.delete(context));
    return ensuring;
  }
}

const undeclared = (type: string): MillraceError =>
  new MillraceError(
    ErrorCode.EventUndeclared,
    `${type} is not among the events that schedules of this application say they publish`,
    {
      remedy:
        "Add its class to 'publishes' of ScheduleModule.forRoot, and give the application's user the right",
      details: { type },
    },
  );
