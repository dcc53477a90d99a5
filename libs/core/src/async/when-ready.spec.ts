import { isPending, whenReady } from './when-ready.js';

it('goes on at once with what is there, and throws what that throws', () => {
  expect(whenReady(1, (value) => value + 1)).toBe(2);
  expect(() =>
    whenReady(1, () => {
      throw new Error('no');
    }),
  ).toThrow('no');
});

it('waits for what can be awaited, whoever made it', async () => {
  class Foreign extends Promise<number> {}
  const foreign: PromiseLike<number> = Foreign.resolve(1);
  await expect(whenReady(Promise.resolve(1), (value) => value + 1)).resolves.toBe(2);
  await expect(whenReady(foreign, (value) => value + 1)).resolves.toBe(2);
  await expect(whenReady(Promise.reject(new Error('no')), () => 1)).rejects.toThrow('no');
});

it.each([undefined, null, 0, 'then', {}, [], () => undefined])('takes %p as it is', (value) =>
  expect(isPending(value)).toBe(false),
);
