import { INestMicroservice, Type } from '@nestjs/common';
import { EventPattern } from '@nestjs/microservices';
import { Test } from '@nestjs/testing';
import { MillraceClient } from './millrace.client.js';
import { MillraceStrategy } from './millrace.strategy.js';
import { ClientOptions, EventExtras, StrategyOptions } from './transport.options.js';

/** `@EventPattern` with the overload that lets a handler have a typed context. */
export const OnEvent = (pattern: string, extras: EventExtras = {}): MethodDecorator =>
  // oxlint-disable-next-line typescript/no-unnecessary-type-arguments -- it chooses the overload
  EventPattern<string>(pattern, extras);

const closing: (() => Promise<void>)[] = [];

/** A Nest microservice of these controllers, listening. Closed by {@link closeAll}, if not before. */
export const startService = async (
  controllers: Type[],
  options: StrategyOptions,
): Promise<INestMicroservice> => {
  const testing = await Test.createTestingModule({ controllers }).compile();
  const service = testing.createNestMicroservice({ strategy: new MillraceStrategy(options) });
  service.useLogger(false);
  await service.listen();
  let closed: Promise<void> | undefined;
  const close = service.close.bind(service);
  service.close = () => (closed ??= close());
  closing.push(() => service.close());
  return service;
};

export const openClient = async (options: ClientOptions): Promise<MillraceClient> => {
  const client = new MillraceClient(options);
  closing.push(() => client.close());
  await client.connect();
  return client;
};

export const closeAll = async (): Promise<void> => {
  await Promise.all(closing.splice(0).map((close) => close()));
};

/** Waits until `condition` holds. @throws after 10 s, saying what was awaited */
export const until = async (what: string, condition: () => boolean): Promise<void> => {
  const deadline = performance.now() + 10_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`Not within 10 s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};
