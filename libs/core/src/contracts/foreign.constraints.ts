import * as classValidator from 'class-validator';
import { getMetadataStorage } from 'class-validator';

/** The constraints of one declaration, as class-validator keeps them. */
export type Constraint = ReturnType<
  ReturnType<typeof getMetadataStorage>['getTargetValidatorConstraints']
>[number];

// Its exported texts are the names of its own constraints.
const OWN_CONSTRAINTS: ReadonlySet<unknown> = new Set(
  Object.values(classValidator).filter((value) => typeof value === 'string'),
);

export const constraintsOf = (constraintCls: Function | undefined): readonly Constraint[] =>
  constraintCls ? getMetadataStorage().getTargetValidatorConstraints(constraintCls) : [];

/**
 * Whether the constraint is not class-validator's. Any such one may be asynchronous: `async: true` is easily
 * forgotten on a constraint of one's own, and `validate` works without.
 */
export const isForeign = ({ name }: Constraint): boolean => !OWN_CONSTRAINTS.has(name);
