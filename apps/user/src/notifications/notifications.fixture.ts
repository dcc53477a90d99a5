import { OrderCreated, OrderLine, OrderPaid } from '@millrace/contracts';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';

const AT = '2026-01-02T03:04:05.000Z';

export const order = (orderId: string, userId: string): OrderCreated =>
  new OrderCreated({
    orderId,
    userId,
    lines: [new OrderLine({ sku: 'A', quantity: 1, unitPriceCents: 999 })],
    totalCents: 999,
    currency: 'EUR',
    createdAt: AT,
  });

export const paid = (orderId: string, userId: string): OrderPaid =>
  new OrderPaid({
    orderId,
    userId,
    actor: 'payments',
    at: AT,
    paymentId: 'p-1',
    amountCents: 999,
    currency: 'EUR',
  });

/** What a receiver of webhooks got. */
export interface Received {
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}

/** Answers, or does not. */
export type Behaviour = (attempt: number, response: ServerResponse) => void;

export const answering =
  (status: number): Behaviour =>
  (_attempt, response) => {
    response.writeHead(status).end();
  };

/** A receiver of webhooks, which behaves as told for each path. */
export const startReceiver = async (behaviours: Record<string, Behaviour>) => {
  const received: Received[] = [];
  const at = (path: string): Received[] => received.filter((request) => request.path === path);
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const path = request.url ?? '';
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      received.push({ path, headers: request.headers, body: Buffer.concat(chunks).toString() });
      behaviours[path]?.(at(path).length, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    host,
    at,
    url: (path: string): string => `http://${host}${path}`,
    stop: async (): Promise<void> => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
};

export type Receiver = Awaited<ReturnType<typeof startReceiver>>;
