import { thrownBy } from '../thrown.fixture.js';
import { ErrorCode } from './error-codes.js';
import { assertNever, errorMessage, toError } from './error-text.js';
import { ContractViolationError, MillraceError, PermanentError, PublishError } from './millrace.error.js';

const CAUSE = new Error('underneath, secret');

describe('MillraceError', () => {
  const error = new MillraceError(ErrorCode.KeyNotFound, 'No such key', {
    remedy: 'Put it first',
    details: { key: 'k', code: 'mine', message: 'mine', remedy: 'mine' },
    cause: CAUSE,
  });

  it('says what happened and what to do', () => {
    expect(error.message).toBe('No such key. Put it first');
    expect(error.cause).toBe(CAUSE);
    expect(error).toBeInstanceOf(Error);
  });

  it('shows neither stack nor cause in JSON, and no detail replaces a field', () => {
    expect(JSON.parse(JSON.stringify(error))).toEqual({
      key: 'k',
      code: 'KEY_NOT_FOUND',
      message: 'No such key. Put it first',
      remedy: 'Put it first',
    });
    expect(JSON.stringify(error)).not.toMatch(/secret|stack|\.ts/);
  });

  it('has no cause where none was given', () => {
    expect('cause' in new MillraceError(ErrorCode.KeyNotFound, 'No', { remedy: 'Do' })).toBe(false);
  });

  it('is told by its code', () => {
    expect(MillraceError.is(error)).toBe(true);
    expect(MillraceError.is(error, 'KEY_NOT_FOUND')).toBe(true);
    expect(MillraceError.is(error, 'EVENT_INVALID')).toBe(false);
    expect(MillraceError.is(CAUSE)).toBe(false);
    expect(MillraceError.is(undefined)).toBe(false);
  });
});

it('has a distinct code for everything', () => {
  const codes = Object.values(ErrorCode);
  expect(new Set(codes).size).toBe(codes.length);
  for (const code of codes) expect(code).toMatch(/^[A-Z]+(_[A-Z]+)*$/);
});

it('says of a publish whether it may have been stored', () => {
  const error = new PublishError(ErrorCode.PublishRejected, 'Refused', {
    remedy: 'See the code',
    details: { subject: 's' },
    mayBeStored: false,
    serverCode: 10071,
  });
  expect(error).toMatchObject({ name: 'PublishError', mayBeStored: false, serverCode: 10071 });
  expect(error.toJSON()).toMatchObject({ subject: 's', mayBeStored: false, serverCode: 10071 });
});

it('lists every violation by path', () => {
  const violations = [
    { path: 'lines.0.quantity', constraint: 'isInt', message: 'quantity must be an integer' },
    { path: '', constraint: 'isObject', message: 'must be an object' },
  ];
  const error = new ContractViolationError(ErrorCode.EventInvalid, 'order.paid', violations);
  expect(error.message).toBe(
    'order.paid is not valid: lines.0.quantity: quantity must be an integer; (value): must be an object. Correct the listed fields',
  );
  expect(error.toJSON()).toMatchObject({ code: 'EVENT_INVALID', violations });
});

it('is permanent with a cause', () => {
  expect(new PermanentError('No such order', { cause: CAUSE })).toMatchObject({
    code: 'PERMANENT',
    cause: CAUSE,
  });
});

describe('what was thrown', () => {
  it.each([
    [new Error('plain'), 'plain'],
    ['text', 'text'],
    [undefined, 'undefined'],
    [new AggregateError([new Error('a'), 'b']), 'a; b'],
    [new AggregateError([new Error('a')], 'all failed'), 'all failed'],
  ])('has a message: %p', (thrown, message) => {
    expect(errorMessage(thrown)).toBe(message);
  });

  it('becomes an error, and stays one', () => {
    expect(toError(CAUSE)).toBe(CAUSE);
    expect(toError('text')).toMatchObject({ message: 'text', cause: 'text' });
  });
});

it('throws where a union was not closed', () => {
  expect(thrownBy(() => assertNever('x' as never))).toBeInstanceOf(TypeError);
});
