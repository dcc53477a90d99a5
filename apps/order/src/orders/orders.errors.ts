import { ConflictException, NotFoundException } from '@nestjs/common';
import { type IllegalTransitionError } from './order.machine.js';

export const orderUnknown = (orderId: string): NotFoundException =>
  new NotFoundException({ code: 'ORDER_UNKNOWN', message: 'There is no order with this id', orderId });

export const orderExists = (orderId: string): ConflictException =>
  new ConflictException({ code: 'ORDER_EXISTS', message: 'An order with this id exists already', orderId });

/** The order stands where this cannot happen. */
export const transitionIllegal = (
  orderId: string,
  { message, status, attempted, legal }: IllegalTransitionError,
): ConflictException =>
  new ConflictException({ code: 'ORDER_TRANSITION_ILLEGAL', message, orderId, status, attempted, legal });

export const editedTooOften = (orderId: string, most: number): ConflictException =>
  new ConflictException({
    code: 'ORDER_EDITED_TOO_OFTEN',
    message: `An order can be changed ${most} times; cancel it, and create another`,
    orderId,
  });
