/** `value`, frozen with everything in it: what many readers share, none of them may change. */
export const deepFreeze = <T extends object>(value: T): T => {
  // The contents of a typed array cannot be frozen.
  if (ArrayBuffer.isView(value) || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const inner of Object.values(value)) {
    if (typeof inner === 'object' && inner !== null) deepFreeze(inner as object);
  }
  return value;
};
