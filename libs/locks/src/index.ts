export { LocksModule } from './locks.module.js';
export { type LocksModuleExtras } from './locks.module-definition.js';
export {
  type AcquireOptions,
  type LocksModuleOptions,
  type TryAcquireOptions,
  type Wait,
  type WithLockOptions,
} from './lock.options.js';
export { LockService, type Semaphore } from './lock.service.js';
export { LeaderService, type Leadership } from './leader/leader.service.js';
export { WithLock, HeldLock } from './decorators/with-lock.decorator.js';
export { Leader, type Electable, type LeaderOptions } from './decorators/leader.decorator.js';
export { type LockName } from './decorators/lock-name.js';
export { LockAcquired, LockEvent, LockExpired, LockReleased } from './events/lock.events.js';
export { Lock, type LockFacts, type LockObserver } from './lease/lock.js';
export { LockManager, type LockManagerOptions } from './lease/lock.manager.js';
export { leaseStreamDeclaration, type LeaseStreamOptions } from './lease/lease.stream.js';
export { type AcquireRequest } from './lease/acquire.request.js';
export { type LockMode } from './lease/lease.record.js';
export { type Resource, type ResourceKind } from './lease/lease.subjects.js';
export { type HolderState, type ResourceState, type WaiterState } from './lease/lease.inspector.js';
export { type HolderInfo } from './lease/lease.errors.js';
