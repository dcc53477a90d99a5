import { ConflictException, NotFoundException } from '@nestjs/common';

export const userExists = (id: string): ConflictException =>
  new ConflictException({
    code: 'USER_EXISTS',
    message: 'A user with this id is registered already',
    userId: id,
  });

// Says neither whose it is nor which: the answer is no way to find out about others.
export const emailTaken = (): ConflictException =>
  new ConflictException({ code: 'EMAIL_TAKEN', message: 'A user with this email is registered already' });

export const userUnknown = (id: string): NotFoundException =>
  new NotFoundException({ code: 'USER_UNKNOWN', message: 'No user with this id is registered', userId: id });
