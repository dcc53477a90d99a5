import { describe as inWords, NONE, ONE_FAILURE, passedAgain, sum, tallyOf } from './tally.mjs';

const report = (counts: Partial<Parameters<typeof tallyOf>[0]>) => ({
  numPassedTests: 0,
  numFailedTests: 0,
  numPendingTests: 0,
  numTodoTests: 0,
  numRuntimeErrorTestSuites: 0,
  ...counts,
});

describe('the count of a test run', () => {
  it('adds up what passed, failed and was skipped', () => {
    const first = tallyOf(report({ numPassedTests: 3, numPendingTests: 1, numTodoTests: 1 }), true);
    const second = tallyOf(report({ numPassedTests: 2, numFailedTests: 1 }), false);
    expect(sum([first, second])).toEqual({ passed: 5, failed: 1, skipped: 2 });
  });

  it('names what passed when it was run again, and nothing else', () => {
    const assertionResults = [
      { fullName: 'at once', status: 'passed', invocations: 1 },
      { fullName: 'the second time', status: 'passed', invocations: 2 },
      { fullName: 'never', status: 'failed', invocations: 2 },
      { fullName: 'of another runner', status: 'passed' },
    ];
    expect(passedAgain(report({ testResults: [{ assertionResults }] }))).toEqual(['the second time']);
    expect(passedAgain(undefined)).toEqual([]);
  });

  it('counts a file that could not be run as a failure', () => {
    expect(tallyOf(report({ numPassedTests: 9, numRuntimeErrorTestSuites: 1 }), false).failed).toBe(1);
  });

  it('counts a run without a report as a failure', () => {
    expect(tallyOf(undefined, false)).toEqual(ONE_FAILURE);
    expect(tallyOf(undefined, true)).toEqual(ONE_FAILURE);
  });

  it('counts a run that tested nothing as a failure', () => {
    expect(tallyOf(report({}), true).failed).toBe(1);
  });

  it('counts a run that ended badly as a failure even where every test passed', () => {
    expect(tallyOf(report({ numPassedTests: 4 }), false)).toEqual({ passed: 4, failed: 1, skipped: 0 });
  });

  it('mentions the skipped only where there are some', () => {
    expect(inWords({ passed: 2, failed: 0, skipped: 0 })).toBe('2 passed, 0 failed');
    expect(inWords({ passed: 2, failed: 0, skipped: 3 })).toBe('2 passed, 0 failed, 3 skipped');
    expect(inWords(NONE)).toBe('0 passed, 0 failed');
  });
});
