import { StressTally } from './stress.tally.js';

/** Units that are due every 10 ms. */
const tally = (): StressTally => new StressTally({ total: 10, dueAt: (unit) => unit * 10 });

describe('the tally of a stress run', () => {
  it('counts from when a unit was due, and each stage once', () => {
    const of = tally();
    of.begin(3);
    of.pass(3, 'registered', 34);
    of.pass(3, 'registered', 99);
    const { counts, stages } = of.report(false);
    expect(counts).toMatchObject({ sent: 1, answered: 0 });
    expect(stages[0]).toMatchObject({ stage: 'registered', count: 1, max: 4 });
  });

  it('has lost what was answered and did not come to its end, but nothing while it is under way', () => {
    const of = tally();
    const pass = (stage: 'announced' | 'placed' | 'created' | 'processing', ...units: number[]): void =>
      units.forEach((unit) => of.pass(unit, stage, 100));
    for (let unit = 0; unit < 6; unit++) of.begin(unit);
    pass('placed', 0, 1, 2, 3, 4);
    pass('announced', 0, 1, 2, 3);
    // The order of 3 was never told of, nor was the user of 4, nor the end of 2. 5 was not placed.
    pass('created', 0, 1, 2, 4);
    pass('processing', 0, 3, 4);
    of.cancel(1);
    of.cancel(1);
    expect(of.isSettled).toBe(false);
    expect(of.report(false).counts.lost).toBe(0);
    expect(of.report(true).counts).toMatchObject({ sent: 6, answered: 5, cancelled: 1, lost: 3 });
    pass('created', 3);
    pass('announced', 4);
    pass('processing', 2);
    expect(of.isSettled).toBe(true);
    expect(of.report(true).counts.lost).toBe(0);
  });

  it('misses nothing of what was refused, failed, or is not of this run', () => {
    const of = tally();
    of.begin(0);
    of.begin(1);
    of.drop('refused');
    of.drop('failed');
    of.pass(7, 'created', 100);
    of.pass(70, 'created', 100);
    of.cancel(8);
    expect(of.isSettled).toBe(true);
    expect(of.report(true).counts).toEqual({
      sent: 2,
      answered: 0,
      refused: 1,
      failed: 1,
      cancelled: 0,
      lost: 0,
    });
  });
});
