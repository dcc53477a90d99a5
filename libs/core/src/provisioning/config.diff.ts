export interface ConfigDifference {
  field: string;
  declared: unknown;
  existing: unknown;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Whether `existing` holds all that `declared` says: what is not declared is the other side's business. */
const agrees = (declared: unknown, existing: unknown): boolean => {
  if (Array.isArray(declared)) {
    // In any order; each item of one side stands for one of the other.
    const there = Array.isArray(existing) ? existing.map((item: unknown) => item) : [];
    const found = declared.every((item) => {
      const at = there.findIndex((other) => agrees(item, other));
      if (at >= 0) there.splice(at, 1);
      return at >= 0;
    });
    return found && there.length === 0;
  }
  if (isRecord(declared)) {
    const there = isRecord(existing) ? existing : {};
    return Object.keys(declared).every((key) => agrees(declared[key], there[key]));
  }
  // The server leaves out what is false, zero or empty.
  return declared === existing || (!declared && !existing);
};

/** Which declared fields the existing configuration does not agree with. */
export const diffConfig = (
  declared: Readonly<Record<string, unknown>>,
  existing: Readonly<Record<string, unknown>>,
): ConfigDifference[] =>
  Object.keys(declared)
    .filter((field) => declared[field] !== undefined && !agrees(declared[field], existing[field]))
    .map((field) => ({ field, declared: declared[field], existing: existing[field] }));

export const describeDifferences = (differences: readonly ConfigDifference[]): string =>
  differences
    .map(
      ({ field, declared, existing }) =>
        `${field} is ${JSON.stringify(existing)}, declared ${JSON.stringify(declared)}`,
    )
    .join('; ');
