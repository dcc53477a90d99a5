import { BadRequestException, Injectable } from '@nestjs/common';
import { ScheduleDue } from '@millrace/contracts';
import { ErrorCode, MillraceError } from '@millrace/core';
import {
  type OccurrenceFields,
  type PastOccurrence,
  type ScheduleInfo,
  Schedules,
  type ScheduleSpec,
  timingText,
} from '@millrace/schedule';
import { CreateScheduleDto, OccurrenceDto, ScheduleDto } from './schedules.dto.js';

/** Schedules as the API tells of them. Those made here publish `schedule.due`. */
@Injectable()
export class SchedulesService {
  constructor(private readonly schedules: Schedules) {}

  /** @throws BadRequestException `SCHEDULE_INVALID`, which says why. */
  async create(request: CreateScheduleDto): Promise<ScheduleDto> {
    const { name, cron: _cron, every: _every, at: _at, message = '', ...options } = request;
    const event = ({ schedule, scheduledFor, run, missed }: OccurrenceFields): ScheduleDue =>
      new ScheduleDue({ schedule, message, scheduledFor, run, missed });
    try {
      const spec = specOf(request);
      return shown(await this.schedules.create(name, { ...options, spec, event }));
    } catch (error) {
      if (!MillraceError.is(error, ErrorCode.ScheduleInvalid)) throw error;
      throw invalid(error.message);
    }
  }

  async list(): Promise<ScheduleDto[]> {
    return (await this.schedules.list()).map(shown);
  }

  async get(name: string): Promise<ScheduleDto> {
    return shown(await this.schedules.get(name));
  }

  async pause(name: string): Promise<ScheduleDto> {
    return shown(await this.schedules.pause(name));
  }

  async resume(name: string): Promise<ScheduleDto> {
    return shown(await this.schedules.resume(name));
  }

  trigger(name: string): Promise<string> {
    return this.schedules.trigger(name);
  }

  async remove(name: string): Promise<void> {
    const { declared, owner } = await this.schedules.get(name);
    if (declared) throw invalid(`It stands in the code of '${owner}': pause it, or remove it there`);
    await this.schedules.remove(name);
  }

  async history(name: string, last?: number): Promise<OccurrenceDto[]> {
    return (await this.schedules.history(name, last === undefined ? {} : { last })).map(occurrence);
  }
}

const specOf = ({ cron, every, at }: CreateScheduleDto): ScheduleSpec => {
  const given: ScheduleSpec[] = [
    ...(cron === undefined ? [] : [cron]),
    ...(every === undefined ? [] : [{ every }]),
    ...(at === undefined ? [] : [{ at: new Date(at) }]),
  ];
  const [spec] = given;
  if (spec !== undefined && given.length === 1) return spec;
  throw invalid("Give exactly one of 'cron', 'every' and 'at'");
};

const invalid = (message: string): BadRequestException =>
  new BadRequestException({ code: 'SCHEDULE_INVALID', message });

const shown = (info: ScheduleInfo): ScheduleDto => ({
  name: info.name,
  owner: info.owner,
  declared: info.declared,
  state: info.state,
  timing: timingText(info.timing),
  target: info.target.kind === 'event' ? info.target.type : info.target.kind,
  runs: info.runs,
  ...(info.last ? { last: info.last.toISOString() } : {}),
  ...(info.next ? { next: info.next.toISOString() } : {}),
});

const occurrence = ({
  scheduledFor,
  firedAt,
  durationMs,
  error,
  ...past
}: PastOccurrence): OccurrenceDto => ({
  id: past.id,
  scheduledFor: scheduledFor.toISOString(),
  firedAt: firedAt.toISOString(),
  missed: past.missed,
  manual: past.manual,
  outcome: past.outcome,
  ...(durationMs === undefined ? {} : { durationMs }),
  ...(error === undefined ? {} : { error }),
});
