import { IsInt, IsString, Length, Min } from 'class-validator';
import { Command, Replying } from '@millrace/commands';

export class CompiledReport {
  @IsInt() @Min(0) total!: number;

  constructor(fields: CompiledReport) {
    Object.assign(this, fields);
  }
}

/**
 * Has a report's parts counted, and puts them together. A durable task of the scheduler's own replicas: one that is
 * killed in the middle of it is followed by another, which finds the parts where they are.
 */
@Command('report.compile', { reply: CompiledReport })
export class CompileReport extends Replying<CompiledReport> {
  @IsString() @Length(1, 64) reportId!: string;

  constructor(fields: CompileReport) {
    super();
    Object.assign(this, fields);
  }
}
