import { SubscribeOptions } from '@millrace/events';
import { openBus, withBus } from '../open.bus.js';
import { Counted, EVENT, Way } from './backlog.js';

/** Makes the stream. */
export const provision = (url: string): Promise<void> =>
  withBus(url, async (bus) => {
    const subscription = await bus.subscribe(EVENT, () => undefined, { group: 'provision' });
    await subscription.remove();
  });

interface Kind {
  readonly name: string;
  readonly options: SubscribeOptions;
  /** Each an application of its own. */
  readonly replicas: number;
}

const orderedOver = (partitions: number): Kind => ({
  name: `ordered, ${partitions} partitions`,
  options: { ordered: true, partitions },
  replicas: 1,
});

export const KINDS: readonly Kind[] = [
  { name: '@Subscribe (no order)', options: {}, replicas: 1 },
  ...[1, 16, 64].map(orderedOver),
  { name: 'ordered, 16 partitions, two replicas', options: { ordered: true }, replicas: 2 },
];

export const millraceBacklog = async (url: string, { name, options, replicas }: Kind): Promise<Way> => {
  const opened = await Promise.all(Array.from({ length: replicas }, () => openBus(url)));
  return {
    name,
    ordered: options.ordered ?? false,
    begin: async (group, check) => {
      const [first, ...others] = await Promise.all(
        opened.map(({ bus }) =>
          bus.subscribe(EVENT, (event) => check.note(event as Counted), { ...options, group }),
        ),
      );
      return async () => {
        await Promise.all(others.map((subscription) => subscription.unsubscribe()));
        await first?.remove();
      };
    },
    close: async () => void (await Promise.all(opened.map(({ close }) => close()))),
  };
};
