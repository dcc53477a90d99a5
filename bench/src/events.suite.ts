import { startNatsServer } from '@millrace/nats-server';
import { Contender, measure, Row } from './contender.js';
import { millrace } from './millrace.contender.js';
import { limit, plain } from './raw.contenders.js';

/** Events from publish to handler, publisher and subscriber in one process, on a server of their own. */
export const events = async (options: { rounds: number; count: number }): Promise<Row[]> => {
  const server = await startNatsServer();
  const contenders: Contender[] = [];
  try {
    for (const create of [limit, plain, millrace]) contenders.push(await create(server.url));
    const reference = contenders[0]?.name ?? '';
    return await measure({ suite: 'events', name: 'publish + handle', reference, contenders }, options);
  } finally {
    for (const contender of contenders) await contender.close();
    await server.stop();
  }
};
