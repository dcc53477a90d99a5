import {
  after,
  assertCan,
  can,
  EDITS,
  IllegalTransitionError,
  legalActions,
  ORDER_STATUSES,
  type OrderAction,
  type OrderStatus,
  type OrderTransition,
  TRANSITIONS,
} from './order.machine.js';

// Written out by hand: the table that the machine is held to.
const LIFE: Record<OrderStatus, Partial<Record<OrderTransition, OrderStatus>>> = {
  created: { confirm: 'confirmed', cancel: 'cancelled' },
  confirmed: { pay: 'paid', cancel: 'cancelled' },
  paid: { process: 'processing', cancel: 'cancelled' },
  processing: { sign: 'signed', cancel: 'cancelled' },
  signed: { ship: 'shipped', cancel: 'cancelled' },
  shipped: { receive: 'received' },
  received: { complete: 'completed', 'request-return': 'return-requested' },
  completed: { 'request-return': 'return-requested' },
  cancelled: { refund: 'refunded' },
  refunded: {},
  'return-requested': { return: 'returned' },
  returned: { refund: 'refunded' },
};
const EDITABLE: Partial<Record<OrderStatus, readonly OrderAction[]>> = {
  created: ['edit-lines', 'edit-address', 'edit-contact'],
  confirmed: ['edit-address', 'edit-contact'],
};

const names = Object.keys(TRANSITIONS) as OrderTransition[];
const PAIRS = ORDER_STATUSES.flatMap((status) =>
  names.map((transition) => ({ status, transition, to: LIFE[status][transition] })),
);

const thrownBy = (attempt: () => unknown): unknown => {
  try {
    attempt();
  } catch (error) {
    return error;
  }
  return undefined;
};

describe('the life of an order', () => {
  it.each(PAIRS.filter(({ to }) => to !== undefined))(
    '$status, $transition: $to',
    ({ status, transition, to }) => {
      expect(can(status, transition)).toBe(true);
      expect(after(status, transition)).toBe(to);
    },
  );

  it.each(PAIRS.filter(({ to }) => to === undefined))(
    '$status, $transition: no',
    ({ status, transition }) => {
      expect(can(status, transition)).toBe(false);
      const error = thrownBy(() => after(status, transition));
      expect(error).toBeInstanceOf(IllegalTransitionError);
      expect(error).toMatchObject({
        status,
        attempted: transition,
        legal: [...Object.keys(LIFE[status]), ...(EDITABLE[status] ?? [])],
      });
    },
  );

  it.each(ORDER_STATUSES)('%s, edits', (status) => {
    const legal = EDITABLE[status] ?? [];
    for (const edit of Object.keys(EDITS) as OrderAction[]) {
      expect(can(status, edit)).toBe(legal.includes(edit));
      expect(thrownBy(() => assertCan(status, edit)) === undefined).toBe(legal.includes(edit));
    }
  });

  it('begins where nothing leads, and every other status is reached from there', () => {
    const reached = new Set<OrderStatus>(['created']);
    for (const status of reached) for (const to of Object.values(LIFE[status])) reached.add(to);
    expect([...reached].sort()).toEqual([...ORDER_STATUSES].sort());
    expect(Object.values(TRANSITIONS).map(({ to }): OrderStatus => to)).not.toContain('created');
  });

  it('says that nothing can be done any more where it has ended', () => {
    expect(legalActions('refunded')).toEqual([]);
    expect(new IllegalTransitionError('refunded', 'pay').message).toContain('it can take nothing');
  });
});
