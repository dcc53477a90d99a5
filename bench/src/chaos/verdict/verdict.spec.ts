import { DrillRecord, Handling } from '../record/drill.record.js';
import { FaultKind } from '../schedule/fault.js';
import { cleanRecord } from './record.fixture.js';
import { judge } from './verdict.js';

const kindsIn = (changes: Partial<DrillRecord>): string[] =>
  judge({ ...cleanRecord(), ...changes }).violations.map(({ kind }) => kind);

const record = cleanRecord();
const without = (sequence: number, group: string): Handling[] =>
  record.handlings.filter((handling) => handling.sequence !== sequence || handling.group !== group);
const only = (sequence: number, group: string): Handling =>
  record.handlings.find((handling) => handling.sequence === sequence && handling.group === group)!;
const fault = (kind: FaultKind, mendedMs: number) => ({
  fault: { kind, atMs: 0, forMs: 0, target: 'worker-1' },
  beganMs: mendedMs,
  mendedMs,
});

describe('the verdict', () => {
  it('finds nothing in a run in which all went well', () => {
    const verdict = judge(record);
    expect(verdict.violations).toEqual([]);
    expect(verdict).toMatchObject({
      published: 6,
      due: 18,
      handled: 17,
      deadLettered: 1,
      effects: 6,
      repeated: 0,
    });
  });

  it('allows what at least once allows: handling again', () => {
    const again = { ...only(3, 'plain'), attempt: 2, beganMs: 9000, endedMs: 9005 };
    const verdict = judge({ ...record, handlings: [...record.handlings, again] });
    expect(verdict.violations).toEqual([]);
    expect(verdict.repeated).toBe(1);
  });
});

describe('the verdict tells of', () => {
  it('an event that a group has neither handled nor put aside', () => {
    expect(kindsIn({ handlings: without(3, 'plain') })).toEqual(['lost']);
    expect(kindsIn({ deadLetters: [] })).toEqual(['lost']);
  });

  it('an event whose handler began and never returned', () => {
    const cut = { ...only(3, 'plain'), endedMs: undefined };
    expect(kindsIn({ handlings: [...without(3, 'plain'), cut] })).toEqual(['lost']);
  });

  it('a handler that returned without its effect', () => {
    const effects = record.effects.filter(({ sequence }) => sequence !== 6);
    expect(kindsIn({ effects })).toEqual(['lost', 'torn-commit']);
  });

  it('an event that was confirmed and is not there', () => {
    const confirmation = { id: 'event-7', sequence: 7, atMs: 8000 };
    expect(kindsIn({ confirmations: [...record.confirmations, confirmation] })).toEqual(['lost-publish']);
  });

  it('an event that is stored twice', () => {
    const again = { ...record.events[0]!, sequence: 7, type: 'chaos.other' };
    expect(kindsIn({ events: [...record.events, again] })).toEqual(['duplicate-publish']);
  });

  it('an effect that came about twice', () => {
    const again = { ...record.effects[5]!, count: 4 };
    expect(kindsIn({ effects: [...record.effects, again] })).toEqual(['duplicate-effect', 'torn-commit']);
  });

  it('state that another effect was written over', () => {
    const [first, ...rest] = record.accounts;
    expect(kindsIn({ accounts: [{ ...first!, count: 2 }, ...rest] })).toEqual(['torn-commit']);
    expect(kindsIn({ accounts: [{ ...first!, digest: 1 }, ...rest] })).toEqual(['torn-commit']);
  });

  it('a dead letter that is there twice', () => {
    const [letter] = record.deadLetters;
    expect(kindsIn({ deadLetters: [letter!, { ...letter!, cause: 'ATTEMPTS_EXHAUSTED' }] })).toEqual([
      'dead-letter-duplicate',
    ]);
  });

  it('an ordered group that began with an event before it was done with the one before', () => {
    const early = { ...only(5, 'ordered'), beganMs: only(3, 'ordered').beganMs + 1 };
    expect(kindsIn({ handlings: [...without(5, 'ordered'), early] })).toEqual(['order']);
  });

  it('an ordered group that overtook an event that failed at first', () => {
    const failed = { ...only(3, 'ordered'), endedMs: undefined };
    const late = { ...only(3, 'ordered'), attempt: 2, beganMs: 7000, endedMs: 7005 };
    expect(kindsIn({ handlings: [...without(3, 'ordered'), failed, late] })).toEqual(['order']);
  });

  it('an ordered group that went on before a failing event was put aside', () => {
    const failed = { ...only(3, 'ordered'), endedMs: undefined };
    const letter = { group: 'ordered', sequence: 3, cause: 'poison', atMs: 4500 };
    const deadLetters = [...record.deadLetters, letter];
    const handlings = [...without(3, 'ordered'), failed];
    expect(kindsIn({ handlings, deadLetters })).toEqual([]);
    expect(kindsIn({ handlings, deadLetters: [...record.deadLetters, { ...letter, atMs: 6500 }] })).toEqual([
      'order',
    ]);
  });

  it('nothing where an ordered group handles an event again that it was done with', () => {
    const again = { ...only(3, 'ordered'), attempt: 2, beganMs: 7000, endedMs: 7005 };
    expect(kindsIn({ handlings: [...record.handlings, again] })).toEqual([]);
  });

  it('effects of an ordered group in another order than the events', () => {
    const groups = record.groups.map((rules) =>
      rules.group === 'ledger' ? { ...rules, ordered: true } : rules,
    );
    expect(kindsIn({ groups })).toEqual([]);
    const [first, second, third, ...rest] = record.effects;
    const swapped = [third!, second!, first!, ...rest];
    expect(kindsIn({ groups, effects: swapped })).toContain('order');
  });

  it('a recovery that took too long', () => {
    const late = without(3, 'plain').concat({ ...only(3, 'plain'), endedMs: 60_000 });
    const handlings = late.filter(({ group, sequence }) => group !== 'plain' || sequence !== 5);
    const deadLetters = [...record.deadLetters, { group: 'plain', sequence: 5, cause: 'poison', atMs: 6020 }];
    expect(kindsIn({ handlings, deadLetters, faults: [fault('kill-app', 3900)] })).toEqual(['recovery']);
  });

  it('no recovery that another fault disturbed, and no fault without an end in sight', () => {
    const faults = [fault('kill-app', 1900), fault('kill-app', 1950)];
    const ofPlain = judge({ ...record, faults }).recoveries.filter(({ group }) => group === 'plain');
    expect(ofPlain.map(({ disturbed }) => disturbed)).toEqual([true, false]);
    expect(kindsIn({ faults: [fault('kill-app', 60_000)] })).toEqual([]);
  });

  it('what the drill itself was surprised by', () => {
    expect(kindsIn({ surprises: ['worker-1: ended with code 1'] })).toEqual(['surprise']);
  });
});
