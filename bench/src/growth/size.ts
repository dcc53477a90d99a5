import 'reflect-metadata';
import { ClassOf } from '@millrace/core';
import { Event } from '@millrace/events';
import { IsInt } from 'class-validator';

export class Numbered {
  @IsInt() n!: number;
}

/** How much there is of one thing. */
export interface Size {
  readonly of: 'subscribers' | 'contexts' | 'stored events';
  readonly many: number;
}

export const nameOf = ({ of, many }: Size): string => `${many} ${of}`;

const EVENTS: Readonly<Record<Size['of'], (many: number) => string[]>> = {
  subscribers: (many) => Array.from({ length: many }, (_, at) => `subscribers${many}.grown${at}`),
  contexts: (many) => Array.from({ length: many }, (_, at) => `contexts${many}-${at}.grown`),
  'stored events': (many) => [`stored${many}.grown`],
};

/** The event classes of one size, each to have a subscriber of its own. */
export const contractsOf = ({ of, many }: Size): ClassOf<Numbered>[] =>
  EVENTS[of](many).map((name) => {
    class Grown extends Numbered {}
    Event(name)(Grown);
    return Grown;
  });
