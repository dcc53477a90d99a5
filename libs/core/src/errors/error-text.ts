/** The message of anything that was thrown. */
export const errorMessage = (error: unknown): string => {
  if (error instanceof AggregateError && error.message === '') {
    return error.errors.map(errorMessage).join('; ');
  }
  return error instanceof Error ? error.message : String(error);
};

/** Something thrown as an `Error`, wrapped where it was not one. */
export const toError = (thrown: unknown): Error =>
  thrown instanceof Error ? thrown : new Error(errorMessage(thrown), { cause: thrown });

/** Closes a union: fails to compile where a member is left out, and throws where one slips through. */
export const assertNever = (value: never): never => {
  throw new TypeError(`Not a member of the union: ${JSON.stringify(value)}`);
};
