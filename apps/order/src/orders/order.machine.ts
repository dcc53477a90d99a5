/** The life of an order: where it may stand, what may happen to it there, and where that leads. */

export const ORDER_STATUSES = [
  'created',
  'confirmed',
  'paid',
  'processing',
  'signed',
  'shipped',
  'received',
  'completed',
  'cancelled',
  'refunded',
  'return-requested',
  'returned',
] as const;
export type OrderStatus = (typeof ORDER_STATUSES)[number];

interface Transition {
  readonly from: readonly OrderStatus[];
  readonly to: OrderStatus;
}

export const TRANSITIONS = {
  confirm: { from: ['created'], to: 'confirmed' },
  pay: { from: ['confirmed'], to: 'paid' },
  process: { from: ['paid'], to: 'processing' },
  sign: { from: ['processing'], to: 'signed' },
  ship: { from: ['signed'], to: 'shipped' },
  receive: { from: ['shipped'], to: 'received' },
  complete: { from: ['received'], to: 'completed' },
  // What is on its way is given back, not cancelled.
  cancel: { from: ['created', 'confirmed', 'paid', 'processing', 'signed'], to: 'cancelled' },
  'request-return': { from: ['received', 'completed'], to: 'return-requested' },
  return: { from: ['return-requested'], to: 'returned' },
  refund: { from: ['cancelled', 'returned'], to: 'refunded' },
} as const satisfies Record<string, Transition>;
export type OrderTransition = keyof typeof TRANSITIONS;

/** What may be changed of an order that stays where it is. A confirmed order's payment is of its lines. */
export const EDITS = {
  'edit-lines': ['created'],
  'edit-address': ['created', 'confirmed'],
  'edit-contact': ['created', 'confirmed'],
} as const satisfies Record<string, readonly OrderStatus[]>;
export type OrderEdit = keyof typeof EDITS;

export type OrderAction = OrderTransition | OrderEdit;

/** Something cannot happen to an order where it stands. */
export class IllegalTransitionError extends Error {
  override readonly name = 'IllegalTransitionError';
  readonly legal: readonly OrderAction[];

  constructor(
    readonly status: OrderStatus,
    readonly attempted: OrderAction,
  ) {
    const legal = legalActions(status);
    super(
      `An order that is ${status} cannot take '${attempted}'; it can take ${legal.join(', ') || 'nothing'}`,
    );
    this.legal = legal;
  }
}

const statusesFor = (action: OrderAction): readonly OrderStatus[] =>
  action in TRANSITIONS ? TRANSITIONS[action as OrderTransition].from : EDITS[action as OrderEdit];

/** Whether it can happen to an order that stands there. */
export const can = (status: OrderStatus, action: OrderAction): boolean =>
  statusesFor(action).includes(status);

/** All that can happen to an order that stands there. */
export const legalActions = (status: OrderStatus): OrderAction[] =>
  ([...Object.keys(TRANSITIONS), ...Object.keys(EDITS)] as OrderAction[]).filter((action) =>
    can(status, action),
  );

/** @throws IllegalTransitionError where it cannot happen to an order that stands there. */
export const assertCan = (status: OrderStatus, action: OrderAction): void => {
  if (!can(status, action)) throw new IllegalTransitionError(status, action);
};

/**
 * Where a transition leads.
 * @throws IllegalTransitionError where it cannot happen to an order that stands there.
 */
export const after = (status: OrderStatus, transition: OrderTransition): OrderStatus => {
  assertCan(status, transition);
  return TRANSITIONS[transition].to;
};
