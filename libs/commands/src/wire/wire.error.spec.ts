import { ContractViolationError, ErrorCode, MillraceError } from '@millrace/core';
import {
  fromWireError,
  HttpExceptions,
  parseWireError,
  statusOf,
  summaryOf,
  toWireError,
} from './wire.error.js';

class Teapot extends Error {
  constructor(readonly status: number) {
    super('short and stout');
  }
}
const http: HttpExceptions = {
  read: (error) =>
    error instanceof Teapot
      ? { status: error.status, message: error.message, response: { tip: 'me over' } }
      : undefined,
  create: ({ status }) => new Teapot(status),
};

const overTheWire = (error: Error): Error => {
  const wire = parseWireError(JSON.parse(JSON.stringify(toWireError('a.b', error, http))));
  if (!wire) throw new Error('not an error of ours');
  return fromWireError(wire, http);
};

it('brings an error back as what it was', () => {
  const violations = [{ path: 'name', constraint: 'isString', message: 'name must be a string' }];
  const invalid = new ContractViolationError(ErrorCode.CommandInvalid, 'a.b', violations);
  expect(overTheWire(invalid)).toBeInstanceOf(ContractViolationError);
  expect(overTheWire(invalid)).toMatchObject({
    message: invalid.message,
    code: 'COMMAND_INVALID',
    violations,
  });
  const conflict = new MillraceError(ErrorCode.RevisionConflict, 'Taken', {
    remedy: 'Read',
    details: { key: 'k' },
  });
  expect(overTheWire(conflict)).toMatchObject({
    message: 'Taken. Read',
    remedy: 'Read',
    details: { key: 'k' },
  });
  expect(overTheWire(new Teapot(418))).toMatchObject({ status: 418 });
});

it('tells nothing of an error that was not meant for callers, nor of any stack or cause', () => {
  const secret = new Error('hunter2');
  const errors = [secret, new MillraceError(ErrorCode.KeyNotFound, 'No', { remedy: 'Do', cause: secret })];
  for (const error of errors) {
    expect(JSON.stringify(toWireError('a.b', error, http))).not.toMatch(/hunter2|stack|\.ts/);
  }
  expect(overTheWire(secret)).toMatchObject({ code: 'COMMAND_FAILED', details: { type: 'a.b' } });
});

it.each([undefined, 'text', [], {}, { kind: 'millrace', code: 'NO_SUCH_CODE', problem: 'x', remedy: 'y' }])(
  'takes %j for no error of ours',
  (value) => expect(parseWireError(value)).toBeUndefined(),
);

it('says a number and one line of ASCII for whoever reads only headers', () => {
  const teapot = toWireError('a.b', new Teapot(418), http);
  expect([statusOf(teapot), summaryOf(teapot)]).toEqual([418, 'short and stout']);
  const failed = toWireError('a.b', new Error('x'), http);
  expect([statusOf(failed), summaryOf(failed)]).toEqual([500, 'COMMAND_FAILED']);
  expect(summaryOf({ kind: 'http', status: 400, message: 'né\r\nX: y', response: '' })).toBe('n   X: y');
});
