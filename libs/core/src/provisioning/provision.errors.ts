import { ErrorCode } from '../errors/error-codes.js';
import { errorMessage } from '../errors/error-text.js';
import { MillraceError } from '../errors/millrace.error.js';
import { ConfigDifference, describeDifferences } from './config.diff.js';

/** Whether provisioning creates and updates, or only checks. */
export type ProvisionMode = 'create' | 'bind';

export const provisionMissing = (what: string): MillraceError =>
  new MillraceError(ErrorCode.ProvisionMissing, `${what} does not exist, and provision is 'bind'`, {
    remedy: "Create it beforehand, or start once with provision: 'create'",
    details: { what },
  });

export const provisionConflict = (
  what: string,
  differences: readonly ConfigDifference[],
  remedy: string,
  cause?: unknown,
): MillraceError =>
  new MillraceError(
    ErrorCode.ProvisionConflict,
    `${what} differs from its declaration: ${describeDifferences(differences)}`,
    {
      remedy,
      details: { what, differences },
      cause,
    },
  );

export const provisionFailed = (what: string, cause: unknown): MillraceError =>
  new MillraceError(ErrorCode.ProvisionFailed, `${what} could not be provisioned: ${errorMessage(cause)}`, {
    remedy:
      'Check the limits and permissions of this NATS account, and that replicas are not more than the nodes',
    details: { what },
    cause,
  });
