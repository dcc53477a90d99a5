import { deepFreeze } from './deep-freeze.js';

describe('deepFreeze', () => {
  it('freezes everything in a value, cycles too', () => {
    const value: { list: { a: number }[]; self?: unknown } = { list: [{ a: 1 }] };
    value.self = value;
    deepFreeze(value);
    expect(() => value.list.push({ a: 2 })).toThrow(TypeError);
    expect(() => Object.assign(value.list[0] ?? {}, { a: 2 })).toThrow(TypeError);
  });

  it('leaves alone what cannot be frozen', () => {
    const bytes = new Uint8Array([1]);
    expect(deepFreeze({ bytes }).bytes).toBe(bytes);
  });
});
