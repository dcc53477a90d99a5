import { Type } from 'class-transformer';
import {
  ArrayNotEmpty,
  IsDate,
  IsEmail,
  IsInt,
  IsOptional,
  IsPositive,
  IsString,
  registerDecorator,
  Validate,
  ValidateNested,
  ValidationOptions,
  ValidatorConstraint,
  ValidatorConstraintInterface,
} from 'class-validator';
import { ContractViolationError } from '../errors/millrace.error.js';
import { rejectionOf, thrownBy } from '../thrown.fixture.js';
import { toValidInstance } from './contract.validator.js';

const SUBJECT = { code: 'EVENT_INVALID', name: 'order.paid' } as const;

@ValidatorConstraint({ name: 'anyText' })
class AnyText implements ValidatorConstraintInterface {
  validate(): Promise<boolean> {
    return Promise.resolve(true);
  }
}

class Item {
  @IsString() name!: string;
}
class Line {
  @IsInt() @IsPositive() quantity!: number;
  @ValidateNested() @Type(() => Item) item!: Item;
}
class Order {
  @IsString() id!: string;
  @IsDate() @Type(() => Date) at!: Date;
  @ArrayNotEmpty() @ValidateNested({ each: true }) @Type(() => Line) lines!: Line[];
  @IsOptional() @IsString() note?: string;
}

const VALID = { id: 'o', at: '2026-01-02T03:04:05.678Z', lines: [{ quantity: 1, item: { name: 'n' } }] };

const violationsOf = (error: unknown): string[] => {
  if (!(error instanceof ContractViolationError)) throw error;
  return error.violations.map(({ path, constraint }) => `${path} ${constraint}`);
};

describe('a valid value', () => {
  it('becomes an instance all the way down, at once', () => {
    const order = toValidInstance(Order, VALID, SUBJECT);
    expect(order).toBeInstanceOf(Order);
    if (order instanceof Promise) throw new Error('a promise');
    expect(order.at).toEqual(new Date(VALID.at));
    expect(order.lines[0]).toBeInstanceOf(Line);
    expect(order.lines[0]?.item).toBeInstanceOf(Item);
  });

  it('may be an instance already, with a real date, and is left as it was', () => {
    const mine = Object.assign(new Order(), VALID, { at: new Date(VALID.at) });
    const order = toValidInstance(Order, mine, SUBJECT);
    expect(order).toMatchObject({ id: 'o', at: new Date(VALID.at) });
    expect(mine.lines[0]).toBe(VALID.lines[0]);
  });

  it('keeps what a newer publisher added', () => {
    expect(toValidInstance(Order, { ...VALID, added: { later: 1 } }, SUBJECT)).toMatchObject({
      added: { later: 1 },
    });
  });
});

it('lists every violation by path, nested ones and those of arrays too', () => {
  const error = thrownBy(() =>
    toValidInstance(
      Order,
      {
        id: 1,
        at: 'yesterday',
        lines: [VALID.lines[0], { quantity: -1.5, item: { name: 2 } }, { quantity: 1, item: 3 }],
      },
      SUBJECT,
    ),
  );
  expect(violationsOf(error).sort()).toEqual([
    'at isDate',
    'id isString',
    'lines.1.item.name isString',
    'lines.1.quantity isInt',
    'lines.1.quantity isPositive',
    'lines.2.item nestedValidation',
  ]);
  expect(error).toMatchObject({
    code: 'EVENT_INVALID',
    message: expect.stringContaining('order.paid is not valid'),
  });
});

it.each([null, undefined, 'text', 5, true, [], [VALID]])('refuses %p, which is no object', (value) => {
  expect(violationsOf(thrownBy(() => toValidInstance(Order, value, SUBJECT)))).toEqual([' isObject']);
});

it('is not taken in by hostile property names', () => {
  const parsed: unknown = JSON.parse('{"__proto__": {"id": "p"}, "constructor": 5, "at": 1, "lines": []}');
  expect(violationsOf(thrownBy(() => toValidInstance(Order, parsed, SUBJECT))).sort()).toEqual([
    'id isString',
    'lines arrayNotEmpty',
  ]);
  expect(Object.prototype).not.toHaveProperty('id');
});

class Untyped {
  @ValidateNested() any!: object;
}

it.each([5, 'x', {}])('reports what cannot be read at all: a constructor that is %p', (constructor) => {
  const error = thrownBy(() => toValidInstance(Untyped, { any: { constructor } }, SUBJECT));
  expect(violationsOf(error)).toEqual([' isReadable']);
});

it('reads nested values without a class as they are', () => {
  for (const any of [{}, { a: 1 }, [{ a: 1 }]]) {
    expect(toValidInstance(Untyped, { any }, SUBJECT)).toEqual(Object.assign(new Untyped(), { any }));
  }
});

@ValidatorConstraint({ name: 'exists', async: true })
class Exists implements ValidatorConstraintInterface {
  async validate(value: unknown): Promise<boolean> {
    await Promise.resolve();
    return value === 'known';
  }
}
class Reference {
  @Validate(Exists) id!: string;
}
class Holder {
  @ValidateNested() @Type(() => Reference) one?: Reference;
  @ValidateNested({ each: true }) @Type(() => Reference) list?: Reference[];
  @ValidateNested({ each: true }) @Type(() => Reference) set?: Set<Reference>;
  @ValidateNested({ each: true }) @Type(() => Reference) map?: Map<string, Reference>;
}

@ValidatorConstraint({ name: 'forgetful' })
class Forgetful implements ValidatorConstraintInterface {
  validate(value: unknown): Promise<boolean> {
    return Promise.resolve(value === 'known');
  }
}
const IsKnown =
  (options: ValidationOptions = {}): PropertyDecorator =>
  (target, propertyName) =>
    registerDecorator({
      name: 'isKnown',
      target: target.constructor,
      propertyName: String(propertyName),
      options,
      validator: { validate: (value: unknown) => Promise.resolve(value === 'known') },
    });
class ForgetfulReference {
  @Validate(Forgetful) id!: string;
}
class DecoratedReference {
  @IsKnown() id!: string;
}

describe('asynchronous constraints', () => {
  const refused = async (target: new () => object, value: object): Promise<string[]> =>
    violationsOf(await rejectionOf(Promise.resolve(toValidInstance(target, value, SUBJECT))));

  it('are run', async () => {
    expect(await refused(Reference, { id: 'unknown' })).toEqual(['id exists']);
    await expect(toValidInstance(Reference, { id: 'known' }, SUBJECT)).resolves.toBeInstanceOf(Reference);
  });

  it('are run in nested values, arrays, sets and maps', async () => {
    const bad = { id: 'unknown' };
    expect(await refused(Holder, { one: bad })).toEqual(['one.id exists']);
    expect(await refused(Holder, { list: [{ id: 'known' }, bad] })).toEqual(['list.1.id exists']);
    expect(await refused(Holder, { set: new Set([bad]) })).toEqual(['set.0.id exists']);
    expect(await refused(Holder, { map: { m: bad } })).toEqual(['map.m.id exists']);
  });

  it('are run where their author forgot to say that they are asynchronous', async () => {
    expect(await refused(ForgetfulReference, { id: 'unknown' })).toEqual(['id forgetful']);
    expect(await refused(DecoratedReference, { id: 'unknown' })).toEqual(['id isKnown']);
  });
});

describe('a text with a lone surrogate, at which checks of class-validator throw', () => {
  class Contact {
    @IsEmail() email!: string;
  }
  class SlowContact extends Contact {
    @Validate(AnyText) note!: string;
  }
  const email = 'ada\ud800@example.org';

  it('is a violation', async () => {
    expect(violationsOf(thrownBy(() => toValidInstance(Contact, { email }, SUBJECT)))).toEqual([
      ' isUnicodeText',
    ]);
    const slow = (async () => toValidInstance(SlowContact, { email, note: '' }, SUBJECT))();
    expect(violationsOf(await rejectionOf(slow))).toEqual([' isUnicodeText']);
  });
});
