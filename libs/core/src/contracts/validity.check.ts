import type { getMetadataStorage } from 'class-validator';
import { classValidator } from './class-validator.js';
import { Constraint, constraintsOf, isForeign } from './foreign.constraints.js';

type Metadata = ReturnType<ReturnType<typeof getMetadataStorage>['getTargetValidationMetadatas']>[number];

/** Whether a property's value is valid beyond doubt. */
type Check = (value: unknown, object: object) => boolean;

interface PropertyChecks {
  readonly property: string;
  /** Where one of them says no, the checks do not apply: `@IsOptional`, `@ValidateIf`. */
  readonly conditions: readonly Check[];
  readonly checks: readonly Check[];
}

/**
 * Whether class-validator would find nothing to say against `instance`. `false` means that it may: the caller
 * then asks class-validator itself, whose words the errors are. So it always is about a class with constraints
 * of the user's own, and about values in a Map or a Set.
 *
 * class-validator filters and sorts a class's metadata for every value; here that is done once for a class.
 */
export const isSurelyValid = (instance: object): boolean => {
  const { constructor } = instance;
  const properties = typeof constructor === 'function' ? checksOf(constructor) : undefined;
  if (!properties) return false;
  for (const checks of properties) if (!passes(checks, instance)) return false;
  return true;
};

const passes = ({ property, conditions, checks }: PropertyChecks, object: object): boolean => {
  const value = (object as Readonly<Record<string, unknown>>)[property];
  for (const applies of conditions) if (!applies(value, object)) return true;
  for (const check of checks) if (!check(value, object)) return false;
  return true;
};

const checksByClass = new WeakMap<Function, readonly PropertyChecks[] | undefined>();

const checksOf = (target: Function): readonly PropertyChecks[] | undefined => {
  if (checksByClass.has(target)) return checksByClass.get(target);
  const checks = compile(target);
  checksByClass.set(target, checks);
  return checks;
};

const compile = (target: Function): readonly PropertyChecks[] | undefined => {
  const storage = classValidator().getMetadataStorage();
  const metadatas = storage.getTargetValidationMetadatas(target, '', false, false);
  const properties: PropertyChecks[] = [];
  for (const [property, declared] of Object.entries(storage.groupByPropertyName(metadatas))) {
    const checks = declared.filter((metadata) => !isCondition(metadata)).map(checkOf);
    if (!checks.every((check) => check !== undefined)) return undefined;
    const conditions = declared.filter(isCondition).map(conditionOf);
    properties.push({ property, conditions, checks });
  }
  return properties;
};

const isCondition = ({ type }: Metadata): boolean =>
  type === classValidator().ValidationTypes.CONDITIONAL_VALIDATION;

const conditionOf = ({ constraints }: Metadata): Check => {
  const applies = constraints[0] as (object: object, value: unknown) => unknown;
  return (value, object) => Boolean(applies(object, value));
};

/** `undefined` for what is not known here. */
const checkOf = (metadata: Metadata): Check | undefined => {
  const { ValidationTypes } = classValidator();
  switch (metadata.type) {
    case ValidationTypes.WHITELIST:
      return () => true;
    case ValidationTypes.NESTED_VALIDATION:
      return isNestedValid;
    case ValidationTypes.CUSTOM_VALIDATION:
    case ValidationTypes.IS_DEFINED:
      return constraintCheck(metadata);
    default:
      return undefined;
  }
};

const isNestedValid = (value: unknown): boolean => {
  if (value === undefined) return true;
  if (Array.isArray(value)) return value.every(isNestedValid);
  return value instanceof Object && !isCollection(value) && isSurelyValid(value);
};

const isCollection = (value: unknown): boolean => value instanceof Set || value instanceof Map;

const constraintCheck = (metadata: Metadata): Check | undefined => {
  const declared = constraintsOf(metadata.constraintCls);
  if (declared.some(isForeign)) return undefined;
  const checks = declared.map((constraint) => holds(metadata, constraint));
  const [first, ...more] = checks;
  const all: Check =
    first && more.length === 0 ? first : (value, object) => checks.every((check) => check(value, object));
  const { validateIf } = metadata;
  return validateIf ? (value, object) => !validateIf(object, value) || all(value, object) : all;
};

// What a constraint of class-validator's own decides on: the value and the constraint's arguments, nothing else.
const holds = ({ propertyName, constraints, each }: Metadata, { instance }: Constraint): Check => {
  const target = { targetName: '', property: propertyName, object: {}, value: undefined, constraints };
  const one = (value: unknown): boolean => instance.validate(value, target) === true;
  if (!each) return one;
  return (value) => (Array.isArray(value) ? value.every(one) : !isCollection(value) && one(value));
};
