import { Declarations } from './declarations.js';

describe('Declarations', () => {
  it('allow everything until something is said, and then only that', () => {
    const declarations = new Declarations<number>();
    expect(declarations.allows('a')).toBe(true);
    declarations.declare([['a', 1]]);
    expect(declarations.allows('a')).toBe(true);
    expect(declarations.allows('a', (item) => item > 1)).toBe(false);
    expect(declarations.allows('b')).toBe(false);
  });

  it('say that nothing is used, by an empty list', () => {
    const declarations = new Declarations<number>();
    declarations.declare([]);
    expect(declarations.allows('a')).toBe(false);
  });

  it('are not held against an application for what a module of the framework uses', () => {
    const declarations = new Declarations<number>();
    declarations.permit('lock', 1);
    expect(declarations.allows('other')).toBe(true);
    declarations.declare([['a', 2]]);
    expect(['lock', 'a', 'other'].map((type) => declarations.allows(type))).toEqual([true, true, false]);
    expect(declarations.all()).toEqual([1, 2]);
  });
});
