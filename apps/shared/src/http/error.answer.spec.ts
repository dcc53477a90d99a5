import { ConflictException, NotFoundException } from '@nestjs/common';
import { ContractViolationError, ErrorCode, MillraceError, PublishError } from '@millrace/core';
import { answerOf } from './error.answer.js';

const SECRET = "stream 'KV_users' on nats-7";
const millraceError = (code: ErrorCode): MillraceError =>
  new MillraceError(code, SECRET, { remedy: 'Ask the operator', details: { stream: SECRET } });

describe('answerOf', () => {
  it.each<[ErrorCode, number]>([
    ['KEY_INVALID', 400],
    ['KEY_NOT_FOUND', 404],
    ['REVISION_CONFLICT', 409],
    ['FENCED_OUT', 409],
    ['LOCK_LOST', 503],
    ['LOCKS_CLOSED', 503],
    ['EVENT_TOO_LARGE', 413],
    ['VALUE_TOO_LARGE', 413],
    ['STORAGE_UNAVAILABLE', 503],
    ['CONNECTION_CLOSED', 503],
    ['CONNECTION_FAILED', 503],
    ['CONNECTION_REFUSED', 503],
    ['VALUE_UNREADABLE', 500],
    ['CONTRACT_UNKNOWN', 500],
  ])('answers %s with %i, and names nothing internal', (code, statusCode) => {
    const answer = answerOf(millraceError(code));
    expect(answer).toMatchObject({ statusCode, code: statusCode === 500 ? 'INTERNAL' : code });
    expect(JSON.stringify(answer)).not.toContain(SECRET);
  });

  it.each(['EVENT_INVALID', 'VALUE_INVALID'] as const)('answers %s with the violations', (code) => {
    const violations = [{ path: 'lines.0.sku', constraint: 'isString', message: 'sku must be a string' }];
    expect(answerOf(new ContractViolationError(code, 'order', violations))).toMatchObject({
      statusCode: 400,
      code,
      violations,
    });
  });

  it('tells a lock that others hold from one that nobody could be asked for', () => {
    const timeout = (details: object): MillraceError =>
      new MillraceError('LOCK_TIMEOUT', SECRET, { remedy: 'Wait', details: { ...details } });
    expect(answerOf(timeout({ holder: SECRET, token: 7, ahead: 0 }))).toEqual({
      statusCode: 423,
      code: 'LOCK_TIMEOUT',
      message: 'Others are at work on it; try again',
    });
    expect(answerOf(timeout({ ahead: 2 }))).toMatchObject({ statusCode: 423 });
    expect(answerOf(timeout({ ahead: 0 }))).toMatchObject({ statusCode: 503, code: 'LOCK_TIMEOUT' });
  });

  it('says that a key is missing, and not which', () => {
    const answer = answerOf(millraceError('KEY_UNKNOWN'));
    expect(answer).toMatchObject({ statusCode: 500, code: 'KEY_UNKNOWN' });
    expect(JSON.stringify(answer)).not.toContain(SECRET);
  });

  it.each([true, false])(
    'says of a write that was not confirmed whether it may be stored: %s',
    (mayBeStored) => {
      for (const code of ['PUBLISH_TIMEOUT', 'PUBLISH_NO_STREAM', 'PUBLISH_REJECTED'] as const) {
        const error = new PublishError(code, SECRET, { remedy: 'Wait', mayBeStored });
        expect(answerOf(error)).toMatchObject({ statusCode: 503, code, mayBeStored });
      }
    },
  );

  it("keeps an app's own code and fields", () => {
    const error = new ConflictException({ code: 'USER_EXISTS', message: 'It exists', userId: 'u-1' });
    expect(answerOf(error)).toEqual({
      statusCode: 409,
      code: 'USER_EXISTS',
      message: 'It exists',
      userId: 'u-1',
    });
  });

  it("gives Nest's own exceptions a code", () => {
    expect(answerOf(new NotFoundException('Cannot GET /x'))).toEqual({
      statusCode: 404,
      code: 'NOT_FOUND',
      message: 'Cannot GET /x',
    });
  });

  it('shows a library error only where it says that it may be shown', () => {
    const shown = Object.assign(new Error('request entity too large'), { expose: true, statusCode: 413 });
    const hidden = Object.assign(new Error(SECRET), { expose: false, statusCode: 502 });
    expect(answerOf(shown)).toMatchObject({ statusCode: 413, code: 'PAYLOAD_TOO_LARGE' });
    expect(answerOf(hidden)).toMatchObject({ statusCode: 500, code: 'INTERNAL' });
    expect(
      JSON.stringify([answerOf(hidden), answerOf(new TypeError(SECRET)), answerOf(SECRET)]),
    ).not.toContain(SECRET);
  });
});
