export { USER_ORIGINS, UserRegistered, UserUnregistered, type UserOrigin } from './user.events.js';
export { Address, ORDER_LIMITS, OrderCreated, OrderLine } from './order.events.js';
export { TimerTicked } from './timer.events.js';
export {
  REMINDER_KINDS,
  ReminderCancelled,
  ReminderDue,
  type ReminderKind,
  ReminderRequested,
  ScheduleDue,
} from './schedule.events.js';
