import { CustomTransportStrategy, MessageHandler, Server } from '@nestjs/microservices';
import { finalize, fromEvent, lastValueFrom, takeUntil, tap } from 'rxjs';
import { ConnectionHealth, ErrorCode, MillraceError } from '@millrace/core';
import { EventMessage, SubscribeOptions, Subscription } from '@millrace/events';
import { ConnectionStates } from './connection.states.js';
import { failureOf } from './handler.failure.js';
import { MillraceContext } from './millrace.context.js';
import { groupOfRoute, routeOf, routeOfSubject, subjectOf, targetsOf } from './patterns/pattern.route.js';
import { IncomingRequest, RequestServer } from './requests/request.server.js';
import { openEngine, TransportEngine } from './transport.engine.js';
import {
  MessageExtras,
  shutdownTimeoutOf,
  StrategyOptions,
  TRANSPORT_DEFAULTS,
} from './transport.options.js';

/** Identifies Millrace in `@EventPattern(pattern, MILLRACE)`, where an application has several transports. */
export const MILLRACE = Symbol.for('@millrace/transport');

type Status = ConnectionHealth['state'];

/**
 * A Nest microservice over JetStream: each `@EventPattern` is a durable group of the event bus, with retries and
 * dead letters; each `@MessagePattern` answers requests, its replicas sharing them.
 *
 * @example
 * app.connectMicroservice({ strategy: new MillraceStrategy({ name: 'orders', servers }) });
 */
export class MillraceStrategy
  extends Server<Record<Status, () => void>, Status>
  implements CustomTransportStrategy
{
  override readonly transportId = MILLRACE;
  /** A failed handler is retried, so its failure must come here instead of being logged alone. */
  override readonly propagatesEventHandlerErrors = true;
  private engine: TransportEngine | undefined;
  private requests: RequestServer | undefined;
  private subscriptions: Subscription[] = [];
  private readonly states = new ConnectionStates();

  constructor(private readonly options: StrategyOptions) {
    super();
    this.initializeSerializer({});
    this.initializeDeserializer({});
  }

  listen(callback: (error?: unknown) => void): void {
    this.start().then(
      () => callback(),
      (error: unknown) => callback(error),
    );
  }

  async close(): Promise<void> {
    const { engine, requests } = this;
    this.engine = this.requests = undefined;
    const timeoutMs = shutdownTimeoutOf(this.options);
    await Promise.all([
      requests?.close(timeoutMs),
      ...this.subscriptions.splice(0).map((subscription) => subscription.unsubscribe()),
    ]);
    await engine?.close();
  }

  /** Calls back when the connection comes to be in that state. */
  on(event: Status, callback: () => void): void {
    this.states.on(event, callback);
  }

  /** The connection of nats.js. @throws MillraceError `CONNECTION_CLOSED` before `listen` and after `close` */
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- Nest declares it so
  unwrap<T>(): T {
    if (this.engine) return this.engine.connection.nc as T;
    throw new MillraceError(ErrorCode.ConnectionClosed, 'The microservice does not listen', {
      remedy: 'Call listen() or startAllMicroservices() first',
    });
  }

  private async start(): Promise<void> {
    const engine = await openEngine(this.options);
    this.engine = engine;
    this.states.follow(engine.connection, (state) => this._status$.next(state));
    this.requests = new RequestServer(
      engine.connection,
      this.options.maxRequests ?? TRANSPORT_DEFAULTS.maxRequests,
    );
    try {
      for (const [route, handler] of this.messageHandlers) {
        if (handler.isEventHandler) await this.subscribe(engine, route, handler);
        else this.serve(this.requests, route, handler);
      }
      // Subscriptions of core NATS are there once the server has answered.
      await engine.connection.nc.flush();
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  private async subscribe({ bus }: TransportEngine, route: string, handler: MessageHandler): Promise<void> {
    const extras = (handler.extras ?? {}) as SubscribeOptions;
    const group = extras.group ?? `${this.options.name}-${groupOfRoute(route)}`;
    for (const { pattern, matches } of targetsOf(route)) {
      const onEvent = async (event: unknown, message: EventMessage): Promise<void> => {
        const emitted = routeOf(message.subjectParts);
        if (!matches || matches(emitted)) await this.handleDelivery(handler, { event, message, emitted });
      };
      this.subscriptions.push(await bus.subscribe(pattern, onEvent, { ...extras, group }));
    }
  }

  private handleDelivery(
    handler: MessageHandler,
    { event, message, emitted }: { event: unknown; message: EventMessage; emitted: string },
  ): Promise<void> {
    const { headers, signal } = message;
    const context = new MillraceContext({ route: emitted, headers, signal, message });
    return this.within(context, async () => {
      const result$ = this.transformToObservable(await handler(event, context));
      await lastValueFrom(result$, { defaultValue: undefined }).catch((thrown: unknown) => {
        throw failureOf(thrown);
      });
    });
  }

  private serve(requests: RequestServer, route: string, handler: MessageHandler): void {
    const { queue = this.options.queue ?? this.options.name } = (handler.extras ?? {}) as MessageExtras;
    requests.add({
      subject: subjectOf(route),
      queue: queue === false ? undefined : queue,
      handle: (request) => this.answer(handler, request),
    });
  }

  private answer(handler: MessageHandler, request: IncomingRequest): Promise<void> {
    const { subject, headers, signal, data } = request;
    const route = routeOfSubject(subject);
    const context = new MillraceContext({ route, headers, signal, message: undefined });
    return this.within(context, async () => {
      const replies$ = this.transformToObservable(await handler(data, context));
      const cancelled$ = fromEvent(signal, 'abort');
      await new Promise<void>((resolve) => {
        const until$ = replies$.pipe(
          takeUntil(cancelled$),
          tap({ error: () => undefined }),
          finalize(resolve),
        );
        this.send(until$, request.reply);
      });
    });
  }

  /** Between Nest's hooks around a handler; resolves when the work is done. */
  private within(context: MillraceContext, work: () => Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      this.onProcessingStartHook(this.transportId, context, async () => {
        try {
          await work();
          resolve();
        } catch (error) {
          reject(error);
        } finally {
          this.onProcessingEndHook?.(this.transportId, context);
        }
      });
    });
  }
}
