import 'reflect-metadata';
import { IsInt, IsString } from 'class-validator';
import { Event } from '@millrace/events';
import { Bucket } from '@millrace/storage';

@Event('bench.counted', { key: 'id' })
export class Counted {
  @IsString() id!: string;
  @IsInt() count!: number;
}

@Bucket('bench', { events: [Counted] })
export class Counter {
  @IsString() id!: string;
  @IsInt() count!: number;
}

export const counted = (id: string, count: number): Counted => Object.assign(new Counted(), { id, count });
