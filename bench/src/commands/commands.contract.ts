import 'reflect-metadata';
import { Command, Replying } from '@millrace/commands';
import { IsInt, IsString } from 'class-validator';
import { numbered, PATTERN } from './doubling.js';

export class Doubled {
  @IsString() id!: string;
  @IsInt() doubled!: number;
}

@Command(PATTERN, { reply: Doubled, timeout: '30s' })
export class Double extends Replying<Doubled> {
  @IsString() id!: string;
  @IsInt() number!: number;
}

export const double = (n: number): Double => Object.assign(new Double(), numbered(n));
