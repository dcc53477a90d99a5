// One size of `growth`, in a process of its own: publishes and handles with all of the size's subscribers at work.
import { openBus } from '../open.bus.js';
import { host } from '../process/contender.host.js';
import { publish } from './publish.js';
import { contractsOf, nameOf, Size } from './size.js';

await host(async (url, text = '{}') => {
  const size = JSON.parse(text) as Size;
  const contracts = contractsOf(size);
  const { bus, close } = await openBus(url);
  let left = 0;
  let finish: () => void = () => undefined;
  const onEvent = (): void => {
    if (--left === 0) finish();
  };
  await Promise.all(
    contracts.map((contract, at) => bus.subscribe(contract, onEvent, { group: `grown${at}`, from: 'new' })),
  );
  return {
    name: nameOf(size),
    run: async (count) => {
      left = count;
      const handled = new Promise<void>((resolve) => (finish = resolve));
      await publish(bus, contracts, count);
      await handled;
    },
    close,
  };
});
