export {
  USER_CHANGES,
  USER_ORIGINS,
  type UserChange,
  type UserOrigin,
  UserRegistered,
  UserUnregistered,
  UserUpdated,
} from './user.events.js';
export { FindUser, RegisterUser, UnregisteredUser, UnregisterUser, UserSummary } from './user.commands.js';
export { NotificationDue } from './notification.events.js';
export { Address, Contact, ORDER_LIMITS, OrderLine } from './order.parts.js';
export {
  CANCEL_REASONS,
  type CancelReason,
  ORDER_CHANGES,
  OrderCancelled,
  type OrderChange,
  OrderCompleted,
  OrderCreated,
  OrderPaid,
  OrderProcessing,
  OrderReceived,
  OrderReceiptReminded,
  OrderRefunded,
  OrderReturned,
  OrderReturnRequested,
  OrderShipped,
  OrderSigned,
  OrderUpdated,
} from './order.events.js';
export {
  PaymentFailed,
  PaymentRefunded,
  PaymentRefundRequested,
  PaymentRequested,
  PaymentSucceeded,
} from './payment.events.js';
export {
  Goods,
  StockRefused,
  StockReleased,
  StockReleaseRequested,
  StockRequested,
  StockReserved,
} from './stock.events.js';
export {
  ShipmentBooked,
  ShipmentCancelled,
  ShipmentCancelRequested,
  ShipmentRefused,
  ShipmentRequested,
} from './shipment.events.js';
export { PlacedOrder, PlaceOrder } from './order.commands.js';
export { ActivityCounts, CountActivity, REPORT_CONTEXTS, type ReportContext } from './report.commands.js';
export { TimerTicked } from './timer.events.js';
export {
  REMINDER_KINDS,
  ReminderCancelled,
  ReminderDue,
  type ReminderKind,
  ReminderRequested,
  ScheduleDue,
} from './schedule.events.js';
