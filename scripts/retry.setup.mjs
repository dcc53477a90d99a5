// Servers, processes and disks on a machine that others use too: an integration test that fails is run once more. Its
// first failure is shown, and `npm test` names it at the end.
import { jest } from '@jest/globals';

jest.retryTimes(1, { logErrorsBeforeRetry: true });
