import { ConsumerInfo } from '@nats-io/jetstream';
import { ErrorCode, MillraceConnection, MillraceError } from '@millrace/core';
import { appOf, groupOf } from '../provisioning/consumer.declaration.js';

export interface GroupFilter {
  group?: string;
  /** The application's name. Default: any. */
  app?: string;
}

/** One consumer of a group: it has one in each stream that it takes messages from. */
export interface GroupConsumer {
  group: string;
  /** `undefined` for a consumer that Millrace did not make. */
  app: string | undefined;
  stream: string;
  consumer: string;
  paused: boolean;
  /** Messages that the group has yet to take. */
  pending: number;
  /** Messages that a replica has, or that wait for their next attempt. */
  unsettled: number;
}

/** A consumer is paused until a time: this one is past any process. The server counts at most 292 years. */
export const pausedForGood = (): Date => new Date(Date.now() + 100 * 365 * 24 * 3600 * 1000);

/** The groups of all applications on the server: those of event subscribers, and those of change handlers. */
export class Groups {
  constructor(private readonly connection: MillraceConnection) {}

  /** Every consumer of every group that matches. */
  async *list({ group, app }: GroupFilter = {}): AsyncGenerator<GroupConsumer> {
    const { streams, consumers } = this.connection.jsm;
    for await (const stream of streams.names()) {
      for await (const info of consumers.list(stream)) {
        const found = groupConsumer(info);
        if (!found) continue;
        if ((group ?? found.group) === found.group && (app ?? found.app) === found.app) yield found;
      }
    }
  }

  /**
   * Has the server deliver nothing more to the group, in whatever replica. What replicas hold is finished. Lasts
   * until {@link resume}, through restarts of server and applications.
   * @throws MillraceError `GROUP_UNKNOWN`
   */
  async pause(group: string, { app }: Pick<GroupFilter, 'app'> = {}): Promise<GroupConsumer[]> {
    return this.forEach({ group, ...(app === undefined ? {} : { app }) }, async ({ stream, consumer }) => {
      await this.connection.jsm.consumers.pause(stream, consumer, pausedForGood());
    });
  }

  /** Has the server deliver again. @throws MillraceError `GROUP_UNKNOWN` */
  async resume(group: string, { app }: Pick<GroupFilter, 'app'> = {}): Promise<GroupConsumer[]> {
    return this.forEach({ group, ...(app === undefined ? {} : { app }) }, async ({ stream, consumer }) => {
      await this.connection.jsm.consumers.resume(stream, consumer);
    });
  }

  /** The consumers, as they are afterwards. */
  private async forEach(
    filter: GroupFilter & { group: string },
    act: (found: GroupConsumer) => Promise<void>,
  ): Promise<GroupConsumer[]> {
    let count = 0;
    for await (const found of this.list(filter)) {
      count++;
      await act(found);
    }
    if (count === 0) throw groupUnknown(filter);
    const after: GroupConsumer[] = [];
    for await (const found of this.list(filter)) after.push(found);
    return after;
  }
}

const groupConsumer = (info: ConsumerInfo): GroupConsumer | undefined => {
  const group = groupOf(info.config);
  if (group === undefined) return undefined;
  return {
    group,
    app: appOf(info.config),
    stream: info.stream_name,
    consumer: info.name,
    paused: info.paused ?? false,
    pending: info.num_pending,
    unsettled: info.num_ack_pending,
  };
};

const groupUnknown = ({ group, app }: GroupFilter): MillraceError =>
  new MillraceError(
    ErrorCode.GroupUnknown,
    `There is no group '${group}'${app === undefined ? '' : ` of the application '${app}'`}`,
    {
      remedy: 'Look among Groups.list(); a group is there once its application has started',
      details: { group, app },
    },
  );
