import { Injectable } from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { configInvalid, ErrorCode, MillraceError } from '@millrace/core';
import { Electable, LeaderMetadata, readLeaderMetadata } from './decorators/leader.decorator.js';
import { hasLock, heldLockParam } from './decorators/with-lock.decorator.js';

type ProviderWrapper = ReturnType<DiscoveryService['getProviders']>[number];

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
    return this.instances((wrapper, prototype) => {
      const locked = this.scanner
        .getAllMethodNames(prototype)
        .filter((name) => isLocked(prototype, name))
        .map((name) => `${prototype.constructor.name}.${name}`);
      const [label] = locked;
      if (label !== undefined && !wrapper.isDependencyTreeStatic()) throw requestScoped(label, '@WithLock');
      return locked.length > 0;
    });
  }

  /** @throws MillraceError `LOCK_REQUEST_SCOPED`, `CONFIG_INVALID` */
  leaders(): FoundLeader[] {
    const found = new Map<object, FoundLeader>();
    this.instances((wrapper, prototype) => {
      const metadata = readLeaderMetadata(prototype.constructor);
      if (!metadata) return false;
      const label = prototype.constructor.name;
      if (!wrapper.isDependencyTreeStatic()) throw requestScoped(label, '@Leader');
      if (typeof Reflect.get(prototype, 'onElected') !== 'function') {
        throw configInvalid(`${label} has @Leader but no onElected`, 'Add the method onElected(signal)');
      }
      found.set(wrapper.instance as object, { ...metadata, instance: wrapper.instance as Electable });
      return true;
    });
    return [...found.values()];
  }

  private instances(wanted: (wrapper: ProviderWrapper, prototype: object) => boolean): object[] {
    const found = new Set<object>();
    for (const wrapper of [...this.discovery.getProviders(), ...this.discovery.getControllers()]) {
      const prototype = prototypeOf(wrapper);
      if (!prototype || !wanted(wrapper, prototype)) continue;
      found.add(wrapper.instance as object);
    }
    return [...found];
  }
}

const isLocked = (prototype: object, name: string): boolean => {
  const method: unknown = Reflect.get(prototype, name);
  if (typeof method !== 'function') return false;
  if (hasLock(method)) return true;
  if (heldLockParam(prototype, name) === undefined) return false;
  throw configInvalid(
    `${prototype.constructor.name}.${name} has @HeldLock() but no @WithLock`,
    'Add @WithLock(name), or remove the parameter',
  );
};

const prototypeOf = ({ instance, metatype }: ProviderWrapper): object | undefined => {
  if (typeof instance === 'object' && instance !== null) {
    const prototype: unknown = Object.getPrototypeOf(instance);
    return typeof prototype === 'object' && prototype !== null ? prototype : undefined;
  }
  // A request-scoped class has no instance yet, only its class.
  const fromClass: unknown = typeof metatype === 'function' ? metatype.prototype : undefined;
  return typeof fromClass === 'object' && fromClass !== null ? fromClass : undefined;
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
