import { Injectable } from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import {
  configInvalid,
  DiscoveredProvider,
  discoverProviders,
  ErrorCode,
  methodsOf,
  MillraceError,
} from '@millrace/core';
import { Electable, LeaderMetadata, readLeaderMetadata } from './decorators/leader.decorator.js';
import { hasLock, heldLockParam } from './decorators/with-lock.decorator.js';

/** A provider that stands for election. */
export interface FoundLeader extends LeaderMetadata {
  instance: Electable;
}

/** Finds the providers under `@WithLock` and `@Leader`, and gives them back as data. */
@Injectable()
export class LocksExplorer {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
  ) {}

  /** The instances whose methods take locks. @throws MillraceError `LOCK_REQUEST_SCOPED`, `CONFIG_INVALID` */
  lockedInstances(): object[] {
    return discoverProviders(this.discovery).flatMap((provider) => {
      const [locked] = methodsOf(this.scanner, provider).filter((method) => isLocked(provider, method));
      if (!locked) return [];
      if (!provider.isStatic) throw requestScoped(`${provider.className}.${locked.name}`, '@WithLock');
      return [provider.instance];
    });
  }

  /** @throws MillraceError `LOCK_REQUEST_SCOPED`, `CONFIG_INVALID` */
  leaders(): FoundLeader[] {
    return discoverProviders(this.discovery).flatMap(({ prototype, className, instance, isStatic }) => {
      const metadata = readLeaderMetadata(prototype.constructor);
      if (!metadata) return [];
      if (!isStatic) throw requestScoped(className, '@Leader');
      if (typeof Reflect.get(prototype, 'onElected') !== 'function') {
        throw configInvalid(`${className} has @Leader but no onElected`, 'Add the method onElected(signal)');
      }
      return [{ ...metadata, instance: instance as Electable }];
    });
  }
}

const isLocked = (
  { prototype, className }: DiscoveredProvider,
  { name, method }: { name: string; method: object },
): boolean => {
  if (hasLock(method)) return true;
  if (heldLockParam(prototype, name) === undefined) return false;
  throw configInvalid(
    `${className}.${name} has @HeldLock() but no @WithLock`,
    'Add @WithLock(name), or remove the parameter',
  );
};

const requestScoped = (label: string, decorator: string): MillraceError =>
  new MillraceError(
    ErrorCode.LockRequestScoped,
    `${label} has ${decorator}, but its class is request-scoped`,
    {
      remedy:
        'Move it to a class in the default scope, or inject LockService and acquire the lock in the method',
      details: { class: label },
    },
  );
