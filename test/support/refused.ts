import { PermissionViolationError } from '@nats-io/transport-node';

/** Passes where the server refuses the work for want of a right, and for no other reason. */
export const refused = async (work: Promise<unknown>): Promise<void> => {
  const error: unknown = await work.then(
    () => new Error('It was not refused'),
    (thrown: unknown) => thrown,
  );
  // A request hides it.
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  expect(cause).toBeInstanceOf(PermissionViolationError);
};
