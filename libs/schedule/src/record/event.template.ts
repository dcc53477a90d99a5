import { isDeepStrictEqual } from 'node:util';
import { randomUUID } from 'node:crypto';
import {
  ClassOf,
  EventContract,
  eventContractOf,
  eventKeyOf,
  isProtected,
  validateEvent,
} from '@millrace/core';
import { scheduleInvalid } from '../schedule.errors.js';
import { EventTarget, Template } from './schedule.target.js';

/**
 * What an occurrence's event can say of its occurrence. Times are ISO 8601. A class only so that a decorated
 * method can name it as a type.
 */
export abstract class OccurrenceFields {
  abstract readonly schedule: string;
  abstract readonly scheduledFor: string;
  abstract readonly firedAt: string;
  /** Counts the schedule's occurrences, from 1. */
  abstract readonly run: number;
  /** Which interval since the epoch it is; 0 for what is no interval. */
  abstract readonly tick: number;
  abstract readonly missed: boolean;
}

/** An event, or what makes one of an occurrence's fields, which must go into it as they are. */
export type ScheduledEvent<T extends object> = T | ((occurrence: OccurrenceFields) => T);

const PLACE = '$occurrence';

/**
 * An event as a template that any process can fill, whether it has the event's class or not.
 * @throws ContractViolationError `EVENT_INVALID`; MillraceError `SCHEDULE_INVALID`, `CONTRACT_UNKNOWN`
 */
export const templateOf = async <T extends object>(
  event: ScheduledEvent<T>,
  target?: ClassOf<T>,
): Promise<EventTarget> => {
  const make = typeof event === 'function' ? event : () => event;
  const sample = sampleFields();
  const made = make(sample);
  const contract = eventContractOf(target ?? (made.constructor as ClassOf<T>));
  if (isProtected(contract.target)) throw protectedEvent(contract);
  await validateEvent(contract, made);
  const marks = marksFor(sample);
  const data = withPlaces(plain(make(marks.fields)), marks.names);
  if (!isDeepStrictEqual(fillTemplate(data, sample), plain(made))) throw computed(contract);
  return {
    kind: 'event',
    type: contract.type,
    version: contract.version,
    key: keyTemplate(contract, make(marks.fields), marks.names),
    data,
  };
};

/** A template with an occurrence's fields in their places. */
export const fillTemplate = (template: Template, fields: OccurrenceFields): unknown => {
  if (Array.isArray(template)) return template.map((item) => fillTemplate(item, fields));
  if (typeof template !== 'object' || template === null) return template;
  const place: unknown = Reflect.get(template, PLACE);
  if (typeof place === 'string') return Reflect.get(fields, place) as unknown;
  return Object.fromEntries(
    Object.entries(template).map(([name, value]) => [name, fillTemplate(value, fields)]),
  );
};

const sampleFields = (): OccurrenceFields => ({
  schedule: 'sample',
  scheduledFor: '2030-01-31T09:00:00.000Z',
  firedAt: '2030-01-31T09:00:00.250Z',
  run: 7_340_033,
  tick: 8_388_617,
  missed: false,
});

interface Marks {
  fields: OccurrenceFields;
  /** The name of the field that a mark stands for. */
  names: ReadonlyMap<unknown, string>;
}

// Marks of their own for each template: no text of a user's can pass for one.
const marksFor = (sample: OccurrenceFields): Marks => {
  const marks = Object.keys(sample).map((name) => [name, `${name} ${randomUUID()}`] as const);
  const fields: unknown = Object.fromEntries(marks);
  return { fields: fields as OccurrenceFields, names: new Map(marks.map(([name, mark]) => [mark, name])) };
};

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value)) as unknown;

const withPlaces = (value: unknown, names: Marks['names']): Template => {
  const name = names.get(value);
  if (name !== undefined) return { [PLACE]: name };
  if (Array.isArray(value)) return value.map((item) => withPlaces(item, names));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withPlaces(item, names)]));
};

const keyTemplate = (contract: EventContract, marked: object, names: Marks['names']): Template => {
  const key = eventKeyOf(contract, marked);
  return key === undefined ? undefined : withPlaces(key, names);
};

const protectedEvent = ({ type }: EventContract) =>
  scheduleInvalid(
    `${type} has properties under @Encrypted`,
    'Let a handler of the schedule publish it, which encrypts it when it is published',
  );

const computed = ({ type }: EventContract) =>
  scheduleInvalid(
    `${type} is computed from its occurrence`,
    "Put the occurrence's fields into the event as they are; let a handler of the schedule publish what must be computed",
  );
