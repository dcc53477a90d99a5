import { randomUUID } from 'node:crypto';
import { Ledger } from '../ledger/ledger.js';
import { GroupState, HandledRecord } from '../ledger/ledger.entries.js';
import { ApiAnswer } from '../traffic/api.client.js';
import { Api } from '../input/sending/patient.api.js';

const STREAM = 'EVENTS_stand-in';
const GROUPS = ['user', 'order'];
/** About what a confirmed order leads to. */
const ORDER_EVENTS = [
  'order.created',
  'payment.requested',
  'payment.succeeded',
  'order.paid',
  'stock.requested',
  'stock.reserved',
  'order.processing',
  'shipment.requested',
  'shipment.booked',
  'reminder.requested',
];

/** Tells a ledger of the events that the apps would publish, and that they have handled them. */
export class LedgerStandIn {
  private sequence = 0;

  constructor(private readonly ledger: Ledger) {}

  /** The same API, of whose users and orders the ledger hears. */
  over(api: Api): Api {
    return {
      get: (path) => api.get(path),
      post: async (path, body) => {
        const answer = await api.post(path, body);
        this.tell(path, answer);
        return answer;
      },
    };
  }

  /** As the feed does every half second. */
  refresh(): void {
    this.ledger.setGroups(STREAM, GROUPS.map(this.stateOf));
    this.ledger.forgetHandled();
  }

  private tell(path: string, { status, body }: ApiAnswer): void {
    if (status !== 201) return;
    const { id } = body as { id: string };
    for (const type of path === '/users' ? ['user.registered'] : ORDER_EVENTS) this.publish(type, id);
  }

  private publish(type: string, key: string): void {
    const sequence = ++this.sequence;
    const place = { stream: STREAM, sequence, type, key };
    const event = { subject: `events.${type}.${key}`, id: randomUUID(), source: 'order', onlyFor: undefined };
    this.ledger.addEvent({ ...place, ...event, storedAt: Date.now() });
    for (const group of GROUPS) {
      const how: Pick<HandledRecord, 'outcome' | 'attempt'> = { outcome: 'ack', attempt: 1 };
      this.ledger.addRecord({ ...place, ...how, app: group, group, ms: 1, cause: undefined });
    }
  }

  private readonly stateOf = (group: string): GroupState => ({
    stream: STREAM,
    consumer: group,
    group,
    app: group,
    filter: 'events.>',
    start: { kind: 'beginning' },
    ackFloor: this.sequence,
    pending: 0,
    ackPending: 0,
  });
}
