import 'reflect-metadata';
import { ClassConstructor } from 'class-transformer';
import type { ValidationError, ValidatorOptions } from 'class-validator';
import { encryptedPropertiesOf } from '../encryption/encrypted.decorator.js';
import { errorMessage } from '../errors/error-text.js';
import { ContractViolationError, Violation, ViolationCode } from '../errors/millrace.error.js';
import { classValidator } from './class-validator.js';
import { ClassOf } from './event.decorator.js';
import { constraintsOf, isForeign } from './foreign.constraints.js';
import { readInstance } from './instance.reader.js';
import { isSurelyValid } from './validity.check.js';

// Unknown properties are kept: a newer publisher may send more than this reader knows.
const OPTIONS: ValidatorOptions = {
  forbidUnknownValues: false,
  validationError: { target: false, value: false },
};

const flatten = (errors: readonly ValidationError[], parent = ''): Violation[] =>
  errors.flatMap((error) => {
    const path = parent === '' ? error.property : `${parent}.${error.property}`;
    const own = Object.entries(error.constraints ?? {}).map(([constraint, message]) => ({
      path,
      constraint,
      message,
    }));
    return [...own, ...flatten(error.children ?? [], path)];
  });

/**
 * Which violations class-validator finds in `instance`; none for a valid one.
 * Promises are only paid for where a class in it declares a constraint that may be asynchronous, since
 * `validateSync` passes over those without a word.
 */
const findViolations = (instance: object): Violation[] | Promise<Violation[]> =>
  needsAsync(instance)
    ? classValidator()
        .validate(instance, OPTIONS)
        .then((errors) => flatten(errors))
    : flatten(classValidator().validateSync(instance, OPTIONS));

interface ClassChecks {
  mayBeAsync: boolean;
  /** Properties under `@ValidateNested`. */
  nested: readonly string[];
}

const checksByClass = new WeakMap<object, ClassChecks>();

const checksOf = (target: Function): ClassChecks => {
  const known = checksByClass.get(target);
  if (known) return known;
  const { getMetadataStorage, ValidationTypes } = classValidator();
  const metadatas = getMetadataStorage().getTargetValidationMetadatas(target, '', false, false);
  const checks: ClassChecks = {
    mayBeAsync: metadatas.some(({ constraintCls }) => constraintsOf(constraintCls).some(isForeign)),
    nested: metadatas
      .filter(({ type }) => type === ValidationTypes.NESTED_VALIDATION)
      .map(({ propertyName }) => propertyName),
  };
  checksByClass.set(target, checks);
  return checks;
};

const needsAsync = (value: unknown): boolean => {
  if (Array.isArray(value)) return value.some(needsAsync);
  if (value instanceof Set || value instanceof Map) return [...value.values()].some(needsAsync);
  if (typeof value !== 'object' || value === null || typeof value.constructor !== 'function') return false;
  const { mayBeAsync, nested } = checksOf(value.constructor);
  return mayBeAsync || nested.some((property) => needsAsync(Reflect.get(value, property)));
};

const isRecord = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isConstructor = <T extends object>(target: ClassOf<T>): target is ClassOf<T> & ClassConstructor<T> =>
  typeof target === 'function';

/** What to call the value in an error, and which code to give. */
export interface ValidationSubject {
  code: ViolationCode;
  name: string;
}

/** Whether the class has properties under `@Encrypted`: what a foreign error says may then quote one. */
export const isProtected = (target: ClassOf<object>): boolean => encryptedPropertiesOf(target).length > 0;

// A constraint's message may hold the value: `$value` in one of the user's own.
const concealed = (target: ClassOf<object>, violations: Violation[]): Violation[] => {
  const fields = encryptedPropertiesOf(target);
  if (fields.length === 0) return violations;
  return violations.map((violation) => {
    const { path, constraint } = violation;
    return fields.includes(path.split('.', 1)[0] ?? '')
      ? { path, constraint, message: `violates ${constraint} (the value is protected)` }
      : violation;
  });
};

// A property called `constructor` makes class-transformer throw, and so may a transformation of the user's.
const instantiate = <T extends object>(
  target: ClassConstructor<T>,
  value: object,
  subject: ValidationSubject,
): T => {
  try {
    return readInstance(target, value);
  } catch (error) {
    const reason = isProtected(target) ? '' : ` (${errorMessage(error)})`;
    const message = `cannot be read as ${target.name}${reason}`;
    throw new ContractViolationError(subject.code, subject.name, [
      { path: '', constraint: 'isReadable', message },
    ]);
  }
};

/**
 * `value` (plain data, or an instance) as a validated instance of `target`.
 * Synchronous unless a class in it declares a constraint that class-validator does not ship.
 * @throws ContractViolationError with every violated constraint by path.
 */
export const toValidInstance = <T extends object>(
  target: ClassOf<T>,
  value: unknown,
  subject: ValidationSubject,
): T | Promise<T> => {
  if (!isRecord(value) || !isConstructor(target)) {
    const message = `must be an object, not ${Array.isArray(value) ? 'an array' : value === null ? 'null' : typeof value}`;
    throw new ContractViolationError(subject.code, subject.name, [
      { path: '', constraint: 'isObject', message },
    ]);
  }
  const instance = instantiate(target, value, subject);
  try {
    return check(instance, target, subject);
  } catch (error) {
    throw asViolation(error, subject);
  }
};

const check = <T extends object>(
  instance: T,
  target: ClassOf<T>,
  subject: ValidationSubject,
): T | Promise<T> => {
  if (isSurelyValid(instance)) return instance;
  const refuse = (violations: Violation[]): T => {
    if (violations.length === 0) return instance;
    throw new ContractViolationError(subject.code, subject.name, concealed(target, violations));
  };
  const violations = findViolations(instance);
  if (!(violations instanceof Promise)) return refuse(violations);
  return violations.then(refuse, (error: unknown) => {
    throw asViolation(error, subject);
  });
};

// Checks of class-validator's that encode a text, as of emails, throw at a lone surrogate, which JSON can say.
const asViolation = (error: unknown, { code, name }: ValidationSubject): unknown =>
  error instanceof URIError
    ? new ContractViolationError(code, name, [
        { path: '', constraint: 'isUnicodeText', message: 'must hold nothing but Unicode text' },
      ])
    : error;
