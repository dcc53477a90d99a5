import type { getMetadataStorage } from 'class-validator';
import { classValidator } from './class-validator.js';

/** The constraints of one declaration, as class-validator keeps them. */
export type Constraint = ReturnType<
  ReturnType<typeof getMetadataStorage>['getTargetValidatorConstraints']
>[number];

let ownConstraints: ReadonlySet<unknown> | undefined;

// Its exported texts are the names of its own constraints.
const namesOfItsOwn = (): ReadonlySet<unknown> =>
  (ownConstraints ??= new Set(
    Object.values<unknown>({ ...classValidator() }).filter((value) => typeof value === 'string'),
  ));

export const constraintsOf = (constraintCls: Function | undefined): readonly Constraint[] =>
  constraintCls ? classValidator().getMetadataStorage().getTargetValidatorConstraints(constraintCls) : [];

/**
 * Whether the constraint is not class-validator's. Any such one may be asynchronous: `async: true` is easily
 * forgotten on a constraint of one's own, and `validate` works without.
 */
export const isForeign = ({ name }: Constraint): boolean => !namesOfItsOwn().has(name);
