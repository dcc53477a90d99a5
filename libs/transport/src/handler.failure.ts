import { toError } from '@millrace/core';

/**
 * What Nest's exception filters made of what a handler threw, as an error again: they pass on plain objects,
 * `{ status, message }`.
 */
export const failureOf = (thrown: unknown): Error => {
  if (thrown instanceof Error) return thrown;
  if (typeof thrown === 'object' && thrown !== null && 'message' in thrown) {
    const { message } = thrown;
    return new Error(typeof message === 'string' ? message : JSON.stringify(message), { cause: thrown });
  }
  return toError(thrown);
};
