import { Injectable } from '@nestjs/common';
import { DiscoveryService, ExternalContextCreator, MetadataScanner, ModuleRef } from '@nestjs/core';
import {
  DiscoveredProvider,
  discoverProviders,
  ErrorCode,
  HandlerHost,
  methodsOf,
  MillraceError,
  nestHandler,
} from '@millrace/core';
import { DeclaredSchedule } from './declared.schedule.js';
import { readScheduleMetadata, ScheduleMetadata, timingOptions } from './decorators/schedule.decorators.js';
import { OccurrenceFields } from './record/event.template.js';

/** Finds the methods under `@Cron`, `@Every` and `@Once`, and gives them back as data. */
@Injectable()
export class ScheduleExplorer {
  private readonly host: HandlerHost;

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    contexts: ExternalContextCreator,
    moduleRef: ModuleRef,
  ) {
    this.host = { contexts, moduleRef };
  }

  /** @throws MillraceError `SCHEDULE_REQUEST_SCOPED` */
  explore(app: string): DeclaredSchedule[] {
    return discoverProviders(this.discovery).flatMap((provider) => this.exploreMethods(provider, app));
  }

  private exploreMethods(provider: DiscoveredProvider, app: string): DeclaredSchedule[] {
    const { className, isStatic } = provider;
    return methodsOf(this.scanner, provider).flatMap(({ name, method }) => {
      const metadata = readScheduleMetadata(method);
      if (!metadata) return [];
      const label = `${className}.${name}`;
      if (!isStatic) throw requestScoped(label);
      return [
        {
          name: metadata.options.name ?? `${app}.${label}`,
          label,
          spec: metadata.spec,
          timing: timingOptions(metadata.options),
          work: this.workOf(metadata, provider, { name, defaultGroup: `${app}-${className}-${name}` }),
        },
      ];
    });
  }

  private workOf(
    { options }: ScheduleMetadata,
    { instance }: DiscoveredProvider,
    { name, defaultGroup }: { name: string; defaultGroup: string },
  ): DeclaredSchedule['work'] {
    if (options.emit === undefined) {
      const { group, concurrency, retry, timeout, ackWait, overlap } = options;
      const given = { group, concurrency, retry, timeout, ackWait, overlap };
      const handling = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
      return {
        kind: 'handler',
        handler: nestHandler(this.host, { instance, name, type: 'occurrence' }),
        options: handling,
        defaultGroup,
      };
    }
    const method = Reflect.get(instance, name) as (occurrence: OccurrenceFields) => object;
    const target = options.emit;
    return {
      kind: 'event',
      target,
      event: (fields: OccurrenceFields) => method.call(instance, fields),
    };
  }
}

const requestScoped = (label: string): MillraceError =>
  new MillraceError(
    ErrorCode.ScheduleRequestScoped,
    `${label} is scheduled, but its class is request-scoped`,
    {
      remedy:
        "Move the method to a class in the default scope, and resolve what needs a request's scope with ModuleRef.resolve()",
      details: { schedule: label },
    },
  );
