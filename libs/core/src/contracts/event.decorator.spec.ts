import { thrownBy } from '../thrown.fixture.js';
import { ContractRegistry } from './contract.registry.js';
import { ClassOf, Event, eventContractOf, eventKeyOf, findEventContract } from './event.decorator.js';

@Event('order.paid', { version: 2, key: 'orderId' })
class OrderPaid {
  constructor(readonly orderId: string) {}
}

@Event('order.counted', { key: 'number' })
class OrderCounted {
  number!: number;
}

@Event('order.closed')
class OrderClosed {}

class Derived extends OrderPaid {}
class Plain {}

describe('@Event', () => {
  it('records name, version, key and class', () => {
    expect(eventContractOf(OrderPaid)).toEqual({
      type: 'order.paid',
      name: { context: 'order', event: 'paid' },
      version: 2,
      key: 'orderId',
      target: OrderPaid,
    });
    expect(eventContractOf(OrderClosed)).toMatchObject({ version: 1, key: undefined });
  });

  it('holds for exactly the class it stands on', () => {
    expect(findEventContract(Derived)).toBeUndefined();
    expect(thrownBy(() => eventContractOf(Derived))).toMatchObject({
      code: 'CONTRACT_UNKNOWN',
      details: { class: 'Derived' },
    });
    expect(thrownBy(() => eventContractOf(Plain))).toMatchObject({ code: 'CONTRACT_UNKNOWN' });
  });

  it.each([0, -1, 1.5, Number.NaN, 2 ** 53])('refuses the version %p', (version) => {
    expect(thrownBy(() => Event('order.paid', { version })(Plain))).toMatchObject({ code: 'CONFIG_INVALID' });
  });

  it.each(['paid', 'order.paid.x', 'order.*', ''])('refuses the name %j', (name) => {
    expect(thrownBy(() => Event(name)(Plain))).toMatchObject({ code: 'CONFIG_INVALID' });
  });

  it('takes for its key a property that holds text or a number, checked by the compiler', () => {
    class Typed {
      id!: string;
      total!: number;
      at!: Date;
    }
    Event('a.b', { key: 'id' })(Typed);
    Event('a.b', { key: 'total' })(Typed);
    expect(eventContractOf(Typed).key).toBe('total');
    // @ts-expect-error a date is no key
    Event('a.b', { key: 'at' })(Typed);
    // @ts-expect-error no such property
    Event('a.b', { key: 'none' })(Typed);
  });
});

describe('eventKeyOf', () => {
  it('reads text and numbers', () => {
    expect(eventKeyOf(eventContractOf(OrderPaid), new OrderPaid(''))).toBe('');
    expect(eventKeyOf(eventContractOf(OrderPaid), new OrderPaid('o-1'))).toBe('o-1');
    expect(eventKeyOf(eventContractOf(OrderCounted), { number: -0.5 })).toBe('-0.5');
    expect(eventKeyOf(eventContractOf(OrderClosed), { orderId: 'ignored' })).toBeUndefined();
  });

  it.each([undefined, null, true, {}, Number.NaN, Number.POSITIVE_INFINITY])('refuses %p', (number) => {
    expect(thrownBy(() => eventKeyOf(eventContractOf(OrderCounted), { number }))).toMatchObject({
      code: 'CONFIG_INVALID',
    });
  });
});

describe('ContractRegistry', () => {
  const versioned = (version: number): ClassOf<object> => {
    class Versioned {}
    Event('order.sent', { version })(Versioned);
    return Versioned;
  };

  it('finds a contract by name and version, and the newest by name alone', () => {
    const registry = new ContractRegistry();
    const [second, tenth, first] = [versioned(2), versioned(10), versioned(1)];
    for (const target of [second, tenth, first]) registry.register(target);
    expect(registry.find('order.sent', 1)?.target).toBe(first);
    expect(registry.find('order.sent')?.target).toBe(tenth);
    expect(registry.find('order.sent', 3)).toBeUndefined();
    expect(registry.find('order.lost')).toBeUndefined();
    expect([registry.has('order.sent'), registry.has('order.lost')]).toEqual([true, false]);
    expect(registry.list().map(({ version }) => version)).toEqual([2, 10, 1]);
  });

  it('refuses a second class for one name and version, and keeps the first', () => {
    const registry = new ContractRegistry();
    const first = versioned(1);
    registry.register(first);
    registry.register(first);
    expect(thrownBy(() => registry.register(versioned(1)))).toMatchObject({
      code: 'CONTRACT_DUPLICATE',
      details: { type: 'order.sent', version: 1 },
    });
    expect(registry.find('order.sent', 1)?.target).toBe(first);
    expect(registry.list()).toHaveLength(1);
  });

  it('refuses a class that is no contract', () => {
    expect(thrownBy(() => new ContractRegistry().register(Plain))).toMatchObject({
      code: 'CONTRACT_UNKNOWN',
    });
  });
});
