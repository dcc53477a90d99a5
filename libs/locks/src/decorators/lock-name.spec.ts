import { isLockTemplate, lockNameOf } from './lock-name.js';

it('takes paths from the arguments', () => {
  const order = { orderId: 'o-1', lines: [{ sku: 7 }], customer: { id: 12n } };
  expect(lockNameOf('order:{orderId}', [order])).toBe('order:o-1');
  expect(lockNameOf('{0.orderId}/{0.lines.0.sku}/{customer.id}', [order])).toBe('o-1/7/12');
  expect(lockNameOf('user:{0}:{1.id}', ['ann', { id: 4 }])).toBe('user:ann:4');
  expect(lockNameOf('all', [])).toBe('all');
});

it('takes what a function of the arguments makes', () => {
  expect(lockNameOf((...args) => args.join('.'), ['x', 'y'])).toBe('x.y');
  expect(() => lockNameOf((() => undefined) as never, [])).toThrow(/returned undefined/);
});

it.each([
  ['{orderId}', [undefined]],
  ['{orderId}', [{}]],
  ['{a.b.c}', [{ a: null }]],
  ['{0}', [{ id: 1 }]],
  ['{2}', ['one', 'two']],
])('refuses %s of %j', (template, args) => {
  expect(() => lockNameOf(template, args as unknown[])).toThrow(/cannot be made/);
});

it('knows a malformed path', () => {
  expect(['{a}', '{0.a}', 'none', '{a}{b.c}'].map(isLockTemplate)).toEqual([true, true, true, true]);
  expect(['{}', '{a b}', '{a..b}', '{.a}'].map(isLockTemplate)).toEqual([false, false, false, false]);
});
