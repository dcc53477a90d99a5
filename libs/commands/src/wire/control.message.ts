/** What a caller says to whoever handles its request. */
export type ControlMessage =
  | { kind: 'cancel'; reply: string }
  /** The caller of a stream is there, and takes so many items more. */
  | { kind: 'credit'; reply: string; credits: number };

/** Reads a control message; `undefined` for anything else. */
export const parseControl = (text: string): ControlMessage | undefined => {
  const { kind, reply, credits } = parse(text);
  if (typeof reply !== 'string') return undefined;
  if (kind === 'cancel') return { kind, reply };
  const isCredit = kind === 'credit' && Number.isSafeInteger(credits) && Number(credits) >= 0;
  return isCredit ? { kind: 'credit', reply, credits: Number(credits) } : undefined;
};

const parse = (text: string): Record<string, unknown> => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
};
