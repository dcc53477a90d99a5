/**
 * @typedef {{ passed: number, failed: number, skipped: number }} Tally
 * @typedef {{ numPassedTests: number, numFailedTests: number, numPendingTests: number, numTodoTests: number,
 *   numRuntimeErrorTestSuites: number,
 *   testResults?: { assertionResults: { fullName: string, status: string, invocations?: number }[] }[] }} JestReport
 */

export const NONE = Object.freeze({ passed: 0, failed: 0, skipped: 0 });
export const ONE_PASS = Object.freeze({ passed: 1, failed: 0, skipped: 0 });
export const ONE_FAILURE = Object.freeze({ passed: 0, failed: 1, skipped: 0 });

/**
 * The counts of one Jest run. A run that left no report, tested nothing, or failed though no test did (a file that
 * could not be read, a process that died) counts as a failure.
 *
 * @param {JestReport | undefined} report
 * @param {boolean} ok whether Jest itself ended well
 * @returns {Tally}
 */
export const tallyOf = (report, ok) => {
  if (!report) return ONE_FAILURE;
  const tally = {
    passed: report.numPassedTests,
    failed: report.numFailedTests + report.numRuntimeErrorTestSuites,
    skipped: report.numPendingTests + report.numTodoTests,
  };
  const unexplained = tally.failed === 0 && (!ok || tally.passed === 0);
  return unexplained ? { ...tally, failed: 1 } : tally;
};

/**
 * The tests that failed at first and passed when they were run again.
 *
 * @param {JestReport | undefined} report
 * @returns {string[]}
 */
export const passedAgain = (report) =>
  (report?.testResults ?? [])
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status, invocations = 1 }) => status === 'passed' && invocations > 1)
    .map(({ fullName }) => fullName);

/** @param {readonly Tally[]} tallies @returns {Tally} */
export const sum = (tallies) =>
  tallies.reduce(
    (total, { passed, failed, skipped }) => ({
      passed: total.passed + passed,
      failed: total.failed + failed,
      skipped: total.skipped + skipped,
    }),
    NONE,
  );

/** `12 passed, 0 failed`. @param {Tally} tally */
export const describe = ({ passed, failed, skipped }) =>
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
