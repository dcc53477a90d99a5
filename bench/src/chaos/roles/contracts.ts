import { IsIn, IsInt, IsString, Length, Min } from 'class-validator';
import { Event } from '@millrace/events';

/**
 * What is to become of an event, in every group: `poison` fails each time, `hopeless` cannot succeed, `flaky` fails
 * before and `late` fails after its effect, the first time.
 */
export const FATES = ['good', 'flaky', 'late', 'poison', 'hopeless'] as const;
export type Fate = (typeof FATES)[number];

/** What all groups of the workers take. */
@Event('chaos.placed', { key: 'account' })
export class Placed {
  @IsString() @Length(1, 60) id!: string;
  @IsString() @Length(1, 20) account!: string;
  @IsInt() @Min(0) amount!: number;
  @IsIn(FATES) fate!: Fate;
}

/** What the fragile process takes, which some of them kill. */
@Event('chaos.charged', { key: 'account' })
export class Charged {
  @IsString() @Length(1, 60) id!: string;
  @IsString() @Length(1, 20) account!: string;
  @IsIn(['good', 'deadly']) fate!: 'good' | 'deadly';
}

/** The effect of a placed event: what a commit emits. */
@Event('booked.entry', { key: 'account' })
export class Booked {
  /** Whose effect it is. */
  @IsString() group!: string;
  @IsString() account!: string;
  /** The id of the event that it is the effect of. */
  @IsString() origin!: string;
  /** The how manieth effect on the account. */
  @IsInt() @Min(1) count!: number;
  /** The place of the origin in its stream. */
  @IsInt() @Min(1) sequence!: number;
}
