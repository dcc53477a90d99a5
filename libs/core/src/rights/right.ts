import { covers } from '../subjects/event-pattern.js';

/** One subject that an application's user must be allowed to use. */
export interface Right {
  readonly kind: 'publish' | 'subscribe';
  /** May hold wildcards. */
  readonly subject: string;
  /** What of the application needs it, as in `bucket 'orders'`. */
  readonly by: string;
  /** What for, as in `write values`. */
  readonly to: string;
}

/** What an application may do, in total. */
export interface Rights {
  readonly rights: readonly Right[];
  /** Whether it may answer requests, on whatever subject they say (`allow_responses` of nats-server). */
  readonly answers: boolean;
}

/** One subject, and who needs it for what. */
export interface ExplainedSubject {
  readonly subject: string;
  readonly reasons: readonly { readonly to: string; readonly by: readonly string[] }[];
}

/** The subjects of one kind in their order, each once; what a wider one covers stands under that one's reasons. */
export const subjectsOf = (rights: readonly Right[], kind: Right['kind']): ExplainedSubject[] => {
  const ofKind = rights.filter((right) => right.kind === kind);
  const all = [...new Set(ofKind.map(({ subject }) => subject))];
  const widest = all.filter((subject) => !all.some((other) => other !== subject && covers(other, subject)));
  return widest.sort(byText).map((subject) => ({
    subject,
    reasons: reasonsOf(ofKind.filter((right) => covers(subject, right.subject))),
  }));
};

const reasonsOf = (rights: readonly Right[]): ExplainedSubject['reasons'] => {
  const byPurpose = new Map<string, Set<string>>();
  for (const { by, to } of rights) byPurpose.set(to, (byPurpose.get(to) ?? new Set()).add(by));
  return [...byPurpose]
    .map(([to, by]) => ({ to, by: [...by].sort(byText) }))
    .sort((one, other) => byText(one.to, other.to));
};

const byText = (one: string, other: string): number => (one === other ? 0 : one < other ? -1 : 1);
