import {
  ContractViolationError,
  encodeEvent,
  eventContractOf,
  jsonCodec,
  systemClock,
  validateEvent,
  encryptedPropertiesOf,
  openEvent,
  staticKeys,
} from '@millrace/core';
import {
  Address,
  OrderCreated,
  OrderLine,
  TimerTicked,
  UserRegistered,
  UserUnregistered,
  UserUpdated,
} from './index.js';

const AT = '2026-01-02T03:04:05.000Z';
const order = (overrides: Partial<OrderCreated> = {}): OrderCreated =>
  new OrderCreated({
    orderId: 'o-1',
    userId: 'u-1',
    lines: [new OrderLine({ sku: 'A', quantity: 2, unitPriceCents: 150 })],
    totalCents: 300,
    currency: 'EUR',
    createdAt: AT,
    ...overrides,
  });

const EVENTS: readonly { event: object; subject: string }[] = [
  {
    event: new UserRegistered({
      userId: 'u.1',
      name: 'Ada',
      email: 'ada@example.org',
      origin: 'api',
      registeredAt: AT,
    }),
    subject: 'events.user.registered.u=2E1',
  },
  {
    event: new UserUpdated({
      userId: 'u-1',
      changes: ['email'],
      name: 'Ada',
      email: 'ada@example.org',
      updatedAt: AT,
    }),
    subject: 'events.user.updated.u-1',
  },
  {
    event: new UserUnregistered({ userId: 'u-1', unregisteredAt: AT }),
    subject: 'events.user.unregistered.u-1',
  },
  { event: order(), subject: 'events.order.created.o-1' },
  {
    event: new TimerTicked({ schedule: 'timer', tick: 7, scheduledFor: AT, firedAt: AT }),
    subject: 'events.timer.ticked.timer',
  },
];

const codec = { ...jsonCodec, keys: staticKeys([{ id: 'k1', secret: Buffer.alloc(32, 1) }]) };

const contractOf = (event: object) => eventContractOf(event.constructor as new () => object);
const violationsOf = async (event: object): Promise<string[]> => {
  try {
    await validateEvent(contractOf(event), event);
    return [];
  } catch (error) {
    if (!(error instanceof ContractViolationError)) throw error;
    return error.violations.map(({ path, constraint }) => `${path} ${constraint}`);
  }
};

describe('the event contracts', () => {
  it.each(EVENTS)('$subject is valid, and survives the wire', async ({ event, subject }) => {
    const encoded = encodeEvent(contractOf(event), event, {}, { source: 'test', codec, clock: systemClock });
    expect(encoded.subject).toBe(subject);
    const decoded = codec.decode(encoded.payload);
    const opened = openEvent(contractOf(event), { decoded, key: encoded.key, codec });
    const received = await validateEvent(contractOf(event), opened);
    expect(received).toBeInstanceOf(event.constructor);
    expect(received).toEqual(event);
  });

  it('an order names what is wrong by path, in its lines too', async () => {
    const line = new OrderLine({ sku: '', quantity: 0, unitPriceCents: 1.5 });
    expect(await violationsOf(order({ lines: [line], currency: 'XXY' }))).toEqual(
      expect.arrayContaining([
        'lines.0.sku isLength',
        'lines.0.quantity min',
        'lines.0.unitPriceCents isInt',
        'currency isISO4217CurrencyCode',
      ]),
    );
  });

  it('an order may have an address, which is checked', async () => {
    const address = { name: 'Ada', street: '1 A Street', postalCode: '1010', city: 'Wien', country: 'AT' };
    expect(await violationsOf(order({ address: new Address(address) }))).toEqual([]);
    expect(await violationsOf(order({ address: new Address({ ...address, country: 'XX' }) }))).toEqual([
      'address.country isISO31661Alpha2',
    ]);
  });

  it('what is personal is encrypted', () => {
    expect(encryptedPropertiesOf(UserRegistered)).toEqual(['email']);
    expect(encryptedPropertiesOf(UserUpdated)).toEqual(['email']);
    expect(encryptedPropertiesOf(OrderCreated)).toEqual(['address', 'contact']);
  });

  it('an order has lines', async () => {
    expect(await violationsOf(order({ lines: [] }))).toEqual(['lines arrayNotEmpty']);
  });

  it('a user is registered by somebody known', async () => {
    const event = { userId: 'u-1', name: 'Ada', origin: 'elsewhere', registeredAt: 'yesterday' };
    expect(await violationsOf(new UserRegistered(event as unknown as UserRegistered))).toEqual([
      'origin isIn',
      'registeredAt isIso8601',
    ]);
  });
});
