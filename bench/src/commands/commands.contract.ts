import 'reflect-metadata';
import { Command, Replying } from '@millrace/commands';
import { IsInt, IsString } from 'class-validator';

export const PATTERN = 'bench.double';

export class Doubled {
  @IsString() id!: string;
  @IsInt() doubled!: number;
}

@Command(PATTERN, { reply: Doubled, timeout: '30s' })
export class Double extends Replying<Doubled> {
  @IsString() id!: string;
  @IsInt() number!: number;
}

export const double = (n: number): Double =>
  Object.assign(new Double(), { id: `order-${n % 1000}-of-the-benchmark`, number: n });

/** What every contender's handler does. */
export const doubled = ({ id, number }: Pick<Double, 'id' | 'number'>): Doubled => ({
  id,
  doubled: number * 2,
});
