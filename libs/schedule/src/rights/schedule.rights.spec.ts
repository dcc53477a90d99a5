import { SchedulePlan, scheduleRights } from './schedule.rights.js';

const subjectsOf = (plan: Partial<SchedulePlan>): string[] =>
  scheduleRights({ keepsTime: false, handled: [], events: [], ...plan }).map(({ subject }) => subject);

describe('what schedules need', () => {
  it('is to take and to trigger the occurrences of its own handlers, and to note what came of them', () => {
    const own = subjectsOf({ handled: [{ schedule: 'nightly', group: 'reports' }] });
    const other = subjectsOf({ handled: [{ schedule: 'hourly', group: 'counts' }] });
    const only = own.filter((subject) => !other.includes(subject));
    expect(only).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/MSG\.NEXT\..*\.reports$/),
        expect.stringMatching(/nightly/),
      ]),
    );
    expect(own).not.toContain('>');
  });

  it('is to fire those of all applications only where it keeps time', () => {
    const more = subjectsOf({ keepsTime: true }).filter((subject) => !subjectsOf({}).includes(subject));
    expect(more).toHaveLength(1);
    expect(more[0]).not.toBe('>');
  });
});
