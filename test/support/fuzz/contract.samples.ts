import { randomUUID } from 'node:crypto';
import { getMetadataStorage } from 'class-validator';
import * as contracts from '@millrace/contracts';
import { type ClassOf, type EventContract, findEventContract } from '@millrace/core';

/** Every event class of the shared library, as its contract. */
export const allContracts = (): EventContract[] =>
  Object.values<unknown>({ ...contracts })
    .filter(isClass)
    .map((exported) => findEventContract(exported))
    .filter((contract) => contract !== undefined);

const isClass = (value: unknown): value is ClassOf<object> => typeof value === 'function';

/** What a constraint lets through, by its name. The last of a property's constraints that has one is asked. */
const BY_CONSTRAINT: Readonly<Record<string, (constraints: unknown[]) => unknown>> = {
  isString: () => randomUUID(),
  isLength: ([, most]) => randomUUID().slice(0, Number(most)),
  isInt: () => 1,
  isNumber: () => 1,
  min: ([least]) => least,
  isPositive: () => 1,
  isBoolean: () => true,
  isUuid: () => randomUUID(),
  isEmail: () => 'somebody@example.org',
  isIso8601: () => new Date().toISOString(),
  isISO4217CurrencyCode: () => 'EUR',
  isISO31661Alpha2: () => 'NL',
  isIn: ([values]) => (Array.isArray(values) ? (values[0] as unknown) : undefined),
};

/** What is made of parts, which is there also where it may be left out: it is what is encrypted. */
const BY_NAME: Readonly<Record<string, unknown>> = {
  lines: [{ sku: 'MUG-01', quantity: 2, unitPriceCents: 1250 }],
  goods: [{ sku: 'MUG-01', quantity: 2 }],
  address: {
    name: 'Ada Lovelace',
    street: '12 St James’s Square',
    postalCode: 'SW1Y 4JH',
    city: 'London',
    country: 'GB',
  },
  contact: { email: 'ada@example.org', phone: '+44 20 7946 0000' },
};

/** A right event of a contract, made from what it is checked for. What may be left out mostly is. */
export const sampleOf = ({ target }: EventContract): object => {
  const storage = getMetadataStorage();
  const declared = storage.groupByPropertyName(
    storage.getTargetValidationMetadatas(target, '', false, false),
  );
  const entries = Object.entries(declared)
    .filter(
      ([name, checks]) => name in BY_NAME || !checks.some(({ type }) => type === 'conditionalValidation'),
    )
    .map(([name, checks]) => {
      if (name in BY_NAME) return [name, BY_NAME[name]];
      const made = checks
        .map(({ name: constraint = '', constraints, each }) => {
          const make = BY_CONSTRAINT[constraint];
          return (
            make && {
              rank: Object.keys(BY_CONSTRAINT).indexOf(constraint),
              value: each ? [make(constraints ?? [])] : make(constraints ?? []),
            }
          );
        })
        .filter((candidate) => candidate !== undefined)
        .sort((a, b) => a.rank - b.rank);
      return [name, made.at(-1)?.value];
    });
  return Object.fromEntries(entries) as object;
};
