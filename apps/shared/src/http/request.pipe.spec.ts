import { ArgumentMetadata, HttpException } from '@nestjs/common';
import { IsEmail, IsOptional } from 'class-validator';
import { RequestPipe } from './request.pipe.js';

class Contact {
  @IsEmail() email!: string;
  @IsOptional() note?: unknown;
}

const BODY: ArgumentMetadata = { type: 'body', metatype: Contact };

const violationsOf = async (value: unknown, metadata = BODY): Promise<unknown> => {
  const error: unknown = await new RequestPipe()
    .transform(value, metadata)
    .catch((thrown: unknown) => thrown);
  if (!(error instanceof HttpException)) return error;
  expect(error.getResponse()).toMatchObject({ code: 'REQUEST_INVALID' });
  return (error.getResponse() as { violations: unknown }).violations;
};

const nested = (depth: number): unknown => {
  let value: unknown = 1;
  for (let level = 0; level < depth; level++) value = { a: [value] };
  return value;
};

describe('RequestPipe', () => {
  it('lets through what is right', async () => {
    expect(await violationsOf({ email: 'ada@example.org', note: nested(5) })).toBeInstanceOf(Contact);
  });

  it.each(['ada\ud800@example.org', '\udc00'])('refuses text that is not Unicode: %j', async (email) => {
    expect(await violationsOf({ email })).toEqual([
      { path: 'email', constraint: 'isUnicodeText', message: 'email must be Unicode text' },
    ]);
    expect(await violationsOf({ email: 'ada@example.org', [email]: 1 })).toMatchObject([
      { path: '', constraint: 'isUnicodeText' },
    ]);
  });

  it('refuses what is nested without end', async () => {
    for (const depth of [11, 50_000]) {
      expect(await violationsOf({ email: 'ada@example.org', note: nested(depth) })).toMatchObject([
        { constraint: 'maxDepth' },
      ]);
    }
  });

  it('leaves alone what is not of a request', async () => {
    const event = { email: '\ud800' };
    expect(await violationsOf(event, { type: 'custom', metatype: Contact })).toBe(event);
  });
});
