import { isDeepStrictEqual } from 'node:util';
import { Exclude, Expose, plainToInstance, Transform, Type } from 'class-transformer';
import * as cv from 'class-validator';
import { validateSync, ValidationError } from 'class-validator';
import { toError } from '../errors/error-text.js';
import { ContractViolationError } from '../errors/millrace.error.js';
import { hostileText, randomFrom } from '../random.fixture.js';
import { thrownBy } from '../thrown.fixture.js';
import { toValidInstance } from './contract.validator.js';
import { readInstance } from './instance.reader.js';
import { isSurelyValid } from './validity.check.js';

const SUBJECT = { code: 'EVENT_INVALID', name: 'order.paid' } as const;
const OPTIONS = { forbidUnknownValues: false, validationError: { target: false, value: false } };

type Class = new () => object;
type Random = () => number;

const pick = <T>(random: Random, from: readonly T[]): T => from[Math.floor(random() * from.length)]!;

const flatten = (errors: readonly ValidationError[], parent = ''): string[] =>
  errors.flatMap(({ property, constraints = {}, children = [] }) => [
    ...Object.entries(constraints).map(([name, text]) => `${parent}${property} ${name}: ${text}`),
    ...flatten(children, `${parent}${property}.`),
  ]);

/** What class-validator and class-transformer say by themselves. */
const reference = (target: Class, value: object): { instance: object; errors: string[] } => {
  const instance = plainToInstance(target, value);
  return { instance, errors: flatten(validateSync(instance, OPTIONS)) };
};

const shapeOf = (value: unknown): unknown => {
  if (value instanceof Date) return { at: value.valueOf() };
  if (typeof value !== 'object' || value === null) return value;
  const { constructor } = value;
  return { class: constructor, entries: Object.entries(value).map(([key, own]) => [key, shapeOf(own)]) };
};

// Jest's own comparison takes longer than everything else here together.
const expectSame = (actual: unknown, expected: unknown): void => {
  if (!isDeepStrictEqual(shapeOf(actual), shapeOf(expected)))
    expect(shapeOf(actual)).toEqual(shapeOf(expected));
};

/** What is read, or why nothing can be. */
const readingOf = (read: () => object): object => {
  try {
    return read();
  } catch (error) {
    return toError(error);
  }
};

/** Compares the two for one value; returns whether it was valid and the short way knew it. */
const agree = (target: Class, value: object): { valid: boolean; short: boolean } => {
  const { instance, errors } = reference(target, value);
  const short = isSurelyValid(instance);
  // Errors tell which value they are about.
  if (short && errors.length > 0) throw new Error(`taken for valid: ${errors.join(', ')}`);
  if (errors.length === 0) {
    expectSame(toValidInstance(target, value, SUBJECT), instance);
  } else {
    const thrown = thrownBy(() => toValidInstance(target, value, SUBJECT));
    if (!(thrown instanceof ContractViolationError)) throw thrown;
    expectSame(
      thrown.violations.map((one) => `${one.path} ${one.constraint}: ${one.message}`),
      errors,
    );
  }
  return { valid: errors.length === 0, short };
};

const UUID = '6f1c2b8a-3a4b-4c5d-8e6f-7a8b9c0d1e2f';
const ANY: readonly unknown[] = [
  undefined, null, '', ' ', 'a', 'abc', '0', '-1', '1.5', 'true', 0, 1, -1, 1.5, 5, 1e21, Number.NaN, Infinity,
  true, false, [], [1], ['a', 'a'], ['a', 'b'], [null], {}, { a: 1 }, new Date(0), new Date(Number.NaN), UUID,
  '2026-01-02', '2026-02-30', '2026-01-02T03:04:05Z', 'a@b.co', 'someone@example.org', 'x@y', 'http://a.co',
  'ftp://a', 'a.co', '127.0.0.1', '::1', '12:34', '#fff', 'EUR', 'NL', 'de', '😀', 'A', 'ä', '"a"', '{"a":1}',
  10n, () => 1,
]; // prettier-ignore

/** The decorators in common use, each with values that it takes. */
const DECORATORS: Readonly<
  Record<string, readonly [(each: boolean) => PropertyDecorator, readonly unknown[]]>
> = {
  isString: [(each) => cv.IsString({ each }), ['text']],
  isNumber: [(each) => cv.IsNumber({}, { each }), [1, 2.5]],
  isNumberOptions: [(each) => cv.IsNumber({ allowNaN: true, maxDecimalPlaces: 1 }, { each }), [1.5]],
  isInt: [(each) => cv.IsInt({ each }), [3]],
  isBoolean: [(each) => cv.IsBoolean({ each }), [true]],
  isDate: [(each) => cv.IsDate({ each }), [new Date(1)]],
  isArray: [(each) => cv.IsArray({ each }), [[1]]],
  isObject: [(each) => cv.IsObject({ each }), [{}]],
  isNotEmptyObject: [(each) => cv.IsNotEmptyObject({}, { each }), [{ a: 1 }]],
  isEnum: [(each) => cv.IsEnum({ A: 'a', B: 1 }, { each }), ['a', 1]],
  isIn: [(each) => cv.IsIn(['EUR', 1], { each }), ['EUR', 1]],
  isNotIn: [(each) => cv.IsNotIn(['EUR', 1], { each }), ['USD']],
  equals: [(each) => cv.Equals('abc', { each }), ['abc']],
  notEquals: [(each) => cv.NotEquals('abc', { each }), ['abd']],
  isEmpty: [(each) => cv.IsEmpty({ each }), ['']],
  isNotEmpty: [(each) => cv.IsNotEmpty({ each }), ['a']],
  isDefined: [(each) => cv.IsDefined({ each }), ['a']],
  isInstance: [(each) => cv.IsInstance(Date, { each }), [new Date(2)]],
  isPositive: [(each) => cv.IsPositive({ each }), [2]],
  isNegative: [(each) => cv.IsNegative({ each }), [-2]],
  min: [(each) => cv.Min(1, { each }), [1, 2]],
  max: [(each) => cv.Max(5, { each }), [5, 4]],
  isDivisibleBy: [(each) => cv.IsDivisibleBy(5, { each }), [10]],
  minDate: [(each) => cv.MinDate(new Date(1), { each }), [new Date(1)]],
  maxDate: [(each) => cv.MaxDate(() => new Date(1), { each }), [new Date(0)]],
  length: [(each) => cv.Length(1, 3, { each }), ['a', '😀😀😀', 'abc']],
  minLength: [(each) => cv.MinLength(2, { each }), ['ab', '😀😀']],
  maxLength: [(each) => cv.MaxLength(2, { each }), ['', '😀😀', 'ab']],
  contains: [(each) => cv.Contains('a', { each }), ['cat']],
  notContains: [(each) => cv.NotContains('a', { each }), ['dog']],
  matches: [(each) => cv.Matches(/^[a-c]+$/, { each }), ['abc']],
  isAlpha: [(each) => cv.IsAlpha('en-US', { each }), ['abc']],
  isAlphanumeric: [(each) => cv.IsAlphanumeric('en-US', { each }), ['a1']],
  isAscii: [(each) => cv.IsAscii({ each }), ['a']],
  isBase64: [(each) => cv.IsBase64({}, { each }), ['YWJj']],
  isByteLength: [(each) => cv.IsByteLength(1, 4, { each }), ['😀']],
  isCurrency: [(each) => cv.IsCurrency({}, { each }), ['$1.00']],
  isDateString: [(each) => cv.IsDateString({}, { each }), ['2026-01-02']],
  isDecimal: [(each) => cv.IsDecimal({}, { each }), ['1.5']],
  isEmail: [(each) => cv.IsEmail({}, { each }), ['someone@example.org', 'ä@example.org']],
  isFqdn: [(each) => cv.IsFQDN({}, { each }), ['a.example.org']],
  isHexadecimal: [(each) => cv.IsHexadecimal({ each }), ['af']],
  isHexColor: [(each) => cv.IsHexColor({ each }), ['#fff']],
  isIp: [(each) => cv.IsIP(4, { each }), ['127.0.0.1']],
  isIso8601: [(each) => cv.IsISO8601({ strict: true }, { each }), ['2026-01-02T03:04:05.000Z']],
  isIso4217: [(each) => cv.IsISO4217CurrencyCode({ each }), ['EUR']],
  isIso31661: [(each) => cv.IsISO31661Alpha2({ each }), ['NL']],
  isJson: [(each) => cv.IsJSON({ each }), ['{"a":1}']],
  isJwt: [(each) => cv.IsJWT({ each }), ['aa.bb.cc']],
  isLatitude: [(each) => cv.IsLatitude({ each }), [51.9, '51.9']],
  isLongitude: [(each) => cv.IsLongitude({ each }), [4.4]],
  isLocale: [(each) => cv.IsLocale({ each }), ['de']],
  isLowercase: [(each) => cv.IsLowercase({ each }), ['abc']],
  isUppercase: [(each) => cv.IsUppercase({ each }), ['ABC']],
  isMobilePhone: [(each) => cv.IsMobilePhone('nl-NL', {}, { each }), ['+31612345678']],
  isPhoneNumber: [(each) => cv.IsPhoneNumber('NL', { each }), ['+31612345678']],
  isMongoId: [(each) => cv.IsMongoId({ each }), ['507f1f77bcf86cd799439011']],
  isNumberString: [(each) => cv.IsNumberString({}, { each }), ['12']],
  isPort: [(each) => cv.IsPort({ each }), ['80']],
  isPostalCode: [(each) => cv.IsPostalCode('NL', { each }), ['3011 AB']],
  isSemVer: [(each) => cv.IsSemVer({ each }), ['1.2.3']],
  isStrongPassword: [(each) => cv.IsStrongPassword({}, { each }), ['aA1!aA1!']],
  isTimeZone: [(each) => cv.IsTimeZone({ each }), ['Europe/Amsterdam']],
  isUrl: [(each) => cv.IsUrl({}, { each }), ['http://example.org']],
  isUuid: [(each) => cv.IsUUID('4', { each }), [UUID]],
  isCreditCard: [(each) => cv.IsCreditCard({ each }), ['4111111111111111']],
  isIban: [(each) => cv.IsIBAN({}, { each }), ['NL91ABNA0417164300']],
  isBooleanString: [(each) => cv.IsBooleanString({ each }), ['true']],
  isMilitaryTime: [(each) => cv.IsMilitaryTime({ each }), ['12:34']],
  arrayContains: [() => cv.ArrayContains(['a']), [['a', 'b']]],
  arrayNotContains: [() => cv.ArrayNotContains(['x']), [['a', 'b']]],
  arrayNotEmpty: [() => cv.ArrayNotEmpty(), [['a']]],
  arrayMinSize: [() => cv.ArrayMinSize(1), [['a']]],
  arrayMaxSize: [() => cv.ArrayMaxSize(2), [['a']]],
  arrayUnique: [() => cv.ArrayUnique(), [['a', 'b']]],
  arrayUniqueBy: [() => cv.ArrayUnique((one: unknown) => String(one)), [['a', 'b']]],
  allow: [() => cv.Allow(), ['a']],
};

const classWith = (...decorators: PropertyDecorator[]): Class => {
  class Subject {
    value: unknown;
  }
  for (const decorate of decorators) decorate(Subject.prototype, 'value');
  return Subject;
};

const valueFor = (random: Random, good: readonly unknown[]): unknown => {
  const kind = random();
  if (kind < 0.35) return pick(random, good);
  if (kind < 0.75) return pick(random, ANY);
  if (kind < 0.85) return hostileText(random);
  return Array.from({ length: Math.floor(random() * 4) }, () => pick(random, random() < 0.7 ? good : ANY));
};

describe.each(Object.entries(DECORATORS))('%s', (_, [decorator, good]) => {
  it.each([false, true])('is decided as class-validator decides it, in its words (each: %p)', (each) => {
    const random = randomFrom(1);
    const plain = classWith(decorator(each));
    const optional = classWith(cv.IsOptional(), decorator(each));
    const worded = classWith(decorator(each), cv.MaxLength(3, { message: '$property $value $constraint1' }));
    const tally = { valid: 0, short: 0 };
    for (let n = 0; n < 50; n++) {
      for (const target of [plain, optional, worded]) {
        const { valid, short } = agree(target, { value: valueFor(random, good) });
        if (valid) tally.valid++;
        if (short) tally.short++;
      }
    }
    expect(tally.valid).toBeGreaterThan(5);
    expect(tally.short).toBe(tally.valid);
  });
});

class Price {
  @cv.IsInt() @cv.Min(0) cents!: number;
  @cv.IsIn(['EUR', 'USD']) currency!: string;
}
class Item {
  @cv.IsString() @cv.Length(1, 5) name!: string;
  @cv.ValidateNested() @Type(() => Price) price!: Price;
}
class Base {
  @cv.IsString() id!: string;
  @cv.IsOptional() @cv.IsDate() @Type(() => Date) at?: Date;
  get label(): string {
    return `label of ${this.id}`;
  }
  greet(): string {
    return this.label;
  }
}
class Basket extends Base {
  @cv.IsArray() @cv.ArrayMaxSize(3) @cv.ValidateNested({ each: true }) @Type(() => Item) items!: Item[];
  @cv.ValidateIf((basket: Basket) => basket.id !== 'free')
  @cv.ValidateNested()
  @Type(() => Price)
  total?: Price;
  @cv.IsOptional() @cv.IsNumber({}, { each: true }) @Type(() => Number) counts?: number[];
  @cv.IsString({ validateIf: (basket: object) => 'at' in basket }) @Type(() => String) note!: string;
  @cv.ValidateNested() untyped?: object;
  preset = 'preset';
  get title(): string {
    return this.note;
  }
  @cv.IsOptional({ groups: ['never'] }) @cv.IsInt({ groups: ['some'] }) grouped?: number;
}

const price = (random: Random): unknown =>
  random() < 0.1
    ? pick(random, ANY)
    : { cents: random() < 0.1 ? pick(random, ANY) : 5, currency: random() < 0.1 ? 'GBP' : 'EUR' };
const item = (random: Random): unknown =>
  random() < 0.08
    ? pick(random, ANY)
    : { name: random() < 0.1 ? pick(random, ANY) : 'name', price: price(random) };
const basket = (random: Random): object => {
  const made: Record<string, unknown> = {
    id: random() < 0.1 ? pick(random, ANY) : pick(random, ['free', 'b1']),
    items:
      random() < 0.1
        ? pick(random, ANY)
        : Array.from({ length: Math.floor(random() * 4) }, () => item(random)),
    note: random() < 0.3 ? pick(random, ANY) : 'note',
  };
  if (random() < 0.7) made['total'] = price(random);
  if (random() < 0.5) made['at'] = random() < 0.3 ? pick(random, ANY) : '2026-01-02T03:04:05Z';
  if (random() < 0.5) made['counts'] = random() < 0.3 ? pick(random, ANY) : [1, '2'];
  if (random() < 0.3)
    made['untyped'] = random() < 0.5 ? pick(random, ANY) : { a: [{ b: null }], c: new Date(3) };
  if (random() < 0.2)
    made[pick(random, ['title', 'greet', 'toString', 'preset', 'more'])] = pick(random, ANY);
  if (random() < 0.3) made['grouped'] = pick(random, [1, 'x', undefined]);
  if (random() < 0.7) return made;
  delete made['title'];
  return Object.assign(new Basket(), made);
};

it('reads and decides nested classes, arrays, dates and conditions as the two libraries do', () => {
  const random = randomFrom(2);
  const tally = { valid: 0, short: 0 };
  for (let n = 0; n < 2000; n++) {
    const value = basket(random);
    expectSame(
      readingOf(() => readInstance(Basket, value)),
      readingOf(() => plainToInstance(Basket, value)),
    );
    if (readingOf(() => plainToInstance(Basket, value)) instanceof Error) continue;
    const { valid, short } = agree(Basket, value);
    if (valid) tally.valid++;
    if (short) tally.short++;
  }
  expect(tally.valid).toBeGreaterThan(150);
  expect(tally.short).toBe(tally.valid);
});

class Exposed {
  @Expose({ name: 'wire' }) @cv.IsString() own!: string;
}
class Hidden {
  @Exclude() @cv.IsOptional() secret?: string;
  @cv.IsString() open!: string;
}
class Trimmed {
  @Transform(({ value }: { value: unknown }) => String(value).trim()) @cv.Length(1, 3) text!: string;
}
class Cat {
  kind = 'cat';
  @cv.IsInt() lives!: number;
}
class Dog {
  kind = 'dog';
}
class Special {
  @cv.ValidateNested() @Type(() => Exposed) exposed!: Exposed;
  @cv.ValidateNested({ each: true }) @Type(() => Hidden) hidden!: Hidden[];
  @cv.ValidateNested() @Type(() => Trimmed) trimmed!: Trimmed;
  @cv.ValidateNested()
  @Type(() => Cat, { discriminator: { property: 'kind', subTypes: [{ name: 'cat', value: Cat }, { name: 'dog', value: Dog }] }, keepDiscriminatorProperty: true })
  pet!: Cat | Dog; // prettier-ignore
  @cv.ValidateNested() @Type((help) => (help?.object['dog'] === true ? Dog : Cat)) chosen!: Cat | Dog;
  @cv.IsOptional() @Type(() => Price) set?: Set<Price>;
  @cv.IsOptional() @cv.ValidateNested() @Type(() => Price) map?: Map<string, Price>;
}

it('cannot read what class-transformer cannot: a property whose base class only gets it', () => {
  const value = { id: 'b1', items: [], note: 'n', label: 'mine' };
  expect(() => plainToInstance(Basket, value)).toThrow(TypeError);
  expect(thrownBy(() => toValidInstance(Basket, value, SUBJECT))).toMatchObject({
    violations: [{ constraint: 'isReadable' }],
  });
});

it('leaves to the libraries what only they know', () => {
  const random = randomFrom(3);
  for (let n = 0; n < 600; n++) {
    const value = (): object => ({
      exposed: { wire: pick(random, ['a', 1]), own: 'b' },
      hidden: [{ secret: 's', open: pick(random, ['a', 1]) }],
      trimmed: { text: pick(random, [' a ', '  ', ' abcd ']) },
      pet: { kind: pick(random, ['cat', 'dog', 'cow']), lives: pick(random, [9, 'x']) },
      chosen: { lives: pick(random, [9, 'x']) },
      dog: random() < 0.5,
      ...(random() < 0.3 ? { set: [{ cents: 1 }] } : {}),
      ...(random() < 0.3 ? { map: { a: { cents: pick(random, [1, -1]), currency: 'EUR' } } } : {}),
    });
    const given = value();
    expectSame(
      readInstance(Special, structuredClone(given)),
      plainToInstance(Special, structuredClone(given)),
    );
    expect(() => agree(Special, given)).not.toThrow();
  }
});

it('takes neither the names nor the prototypes of what arrives for its own', () => {
  for (const text of [
    '{"__proto__": {"id": "p"}, "id": "x", "items": []}',
    '{"id": "x", "items": {"length": 1e9, "__proto__": []}}',
    '{"id": "x", "items": [], "untyped": {"hasOwnProperty": 1, "then": 1}}',
  ]) {
    expect(() => agree(Basket, JSON.parse(text) as object)).not.toThrow();
  }
});
