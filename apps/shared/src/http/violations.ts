import { ValidationError } from 'class-validator';
import { Violation } from '@millrace/core';

/** Every violated constraint by path, as in `lines.0.quantity`. */
export const violationsOf = (errors: readonly ValidationError[], parent = ''): Violation[] =>
  errors.flatMap(({ property, constraints = {}, children = [] }) => {
    const path = parent === '' ? property : `${parent}.${property}`;
    const own = Object.entries(constraints).map(([constraint, message]) => ({ path, constraint, message }));
    return [...own, ...violationsOf(children, path)];
  });
