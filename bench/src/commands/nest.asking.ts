import { Logger } from '@nestjs/common';
import { ClientProxyFactory, Transport } from '@nestjs/microservices';
import { lastValueFrom } from 'rxjs';
import { Asking } from './asking.js';
import { Answered, numbered, PATTERN } from './doubling.js';

/** Nest's own transport. */
export const nestAsking = async (url: string): Promise<Asking> => {
  Logger.overrideLogger(['error', 'warn']);
  const client = ClientProxyFactory.create({ transport: Transport.NATS, options: { servers: url } });
  await client.connect();
  return {
    name: "Nest's NATS transport (client.send)",
    responder: 'nest',
    ask: (n) => lastValueFrom(client.send<Answered>(PATTERN, numbered(n))),
    close: async () => void (await client.close()),
  };
};
