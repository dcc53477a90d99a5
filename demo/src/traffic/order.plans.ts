/** What people do to an order, beside creating it. */
export type Step = 'edit' | 'confirm' | 'sign' | 'receive' | 'complete' | 'cancel' | 'return' | 'returned';

/** Where an order must stand for a step. In between, it moves by events. */
export const READY: Readonly<Record<Step, readonly string[]>> = {
  edit: ['created'],
  confirm: ['created'],
  sign: ['processing'],
  receive: ['shipped'],
  complete: ['received'],
  cancel: ['confirmed', 'paid', 'processing'],
  return: ['received'],
  returned: ['return-requested'],
};

/** Where nothing can be done any more: it may have come to this for want of money, goods or a carrier. */
export const OVER: readonly string[] = ['cancelled', 'refunded', 'completed', 'returned'];

export interface Plan {
  /** Confirmed with its creation. */
  readonly confirm: boolean;
  readonly steps: readonly Step[];
}

/** The lives of orders, one after the other. */
export const PLANS: readonly [Plan, ...Plan[]] = [
  { confirm: true, steps: ['sign', 'receive', 'complete'] },
  { confirm: false, steps: ['edit', 'confirm', 'sign', 'receive', 'return', 'returned'] },
  { confirm: true, steps: ['cancel'] },
  { confirm: false, steps: ['edit', 'confirm', 'cancel'] },
];
