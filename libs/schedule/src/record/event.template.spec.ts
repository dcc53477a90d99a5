import 'reflect-metadata';
import { IsInt, IsString } from 'class-validator';
import { Encrypted, Event } from '@millrace/core';
import { fillTemplate, OccurrenceFields, templateOf } from './event.template.js';

@Event('test.ticked', { key: 'schedule' })
class Ticked {
  @IsString() schedule!: string;
  @IsInt() tick!: number;
  @IsString() text!: string;

  constructor(fields: Ticked) {
    Object.assign(this, fields);
  }
}

@Event('test.secret')
class Secret {
  @Encrypted() @IsString() text!: string;

  constructor(fields: Secret) {
    Object.assign(this, fields);
  }
}

const fields: OccurrenceFields = {
  schedule: 'every second',
  scheduledFor: '2026-01-01T00:00:01.000Z',
  firedAt: '2026-01-01T00:00:01.004Z',
  run: 3,
  tick: 17,
  missed: false,
};

describe("a schedule's event", () => {
  it('is filled in with the fields of its occurrence, in their types', async () => {
    const template = await templateOf(
      ({ schedule, tick }: OccurrenceFields) => new Ticked({ schedule, tick, text: 'plain' }),
    );
    expect(template).toMatchObject({ type: 'test.ticked', version: 1, key: { $occurrence: 'schedule' } });
    expect(fillTemplate(template.data, fields)).toEqual({
      schedule: 'every second',
      tick: 17,
      text: 'plain',
    });
    expect(fillTemplate(template.key, fields)).toBe('every second');
  });

  it('takes no text of a user for a field', async () => {
    const text = 'scheduledFor {tick} $occurrence';
    const { data } = await templateOf(new Ticked({ schedule: 'a', tick: 1, text }));
    expect(fillTemplate(data, fields)).toEqual({ schedule: 'a', tick: 1, text });
  });

  it.each<[string, () => object, string]>([
    ['that breaks its contract', () => new Ticked({ schedule: 'a', tick: 0.5, text: '' }), 'EVENT_INVALID'],
    ['that is no event', () => ({}), 'CONTRACT_UNKNOWN'],
    ['whose properties are encrypted', () => new Secret({ text: 'a' }), 'SCHEDULE_INVALID'],
  ])('is refused %s', async (_, make, code) => {
    await expect(templateOf(make)).rejects.toMatchObject({ code });
  });

  it('is refused where it is computed: nobody else could', async () => {
    const computed = ({ tick }: OccurrenceFields): Ticked =>
      new Ticked({ schedule: 'a', tick: tick + 1, text: '' });
    await expect(templateOf(computed)).rejects.toMatchObject({ code: 'SCHEDULE_INVALID' });
  });
});
