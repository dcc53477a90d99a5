import { ApplicationRights, ExplainedSubject, Right, subjectsOf } from '@millrace/core';

/** For how long a request may be answered: longer than any handler should take. */
const ANSWER_EXPIRES = '10m';

const KINDS: readonly Right['kind'][] = ['publish', 'subscribe'];

/** What stands within `permissions { … }` of a user in the configuration of nats-server. */
export const natsBlock = ({ app, rights, answers }: ApplicationRights, explained: boolean): string[] => [
  `# What '${app}' needs, from its code. Stands within permissions { … } of its user.`,
  ...KINDS.flatMap((kind) => allowBlock(kind, subjectsOf(rights, kind), explained)),
  ...(answers
    ? [
        ...(explained ? ['# answer, as often as a stream has items: commands'] : []),
        `allow_responses { max: -1, expires: "${ANSWER_EXPIRES}" }`,
      ]
    : []),
];

// What is not allowed is refused only where something is: an empty list would allow everything.
const allowBlock = (
  kind: Right['kind'],
  subjects: readonly ExplainedSubject[],
  explained: boolean,
): string[] =>
  subjects.length === 0
    ? [`${kind} { deny: ">" }`]
    : [
        `${kind} {`,
        '  allow: [',
        ...subjects.map(({ subject, reasons }) => {
          const comment = explained
            ? `  # ${reasons.map(({ to, by }) => `${to}: ${by.join(', ')}`).join('; ')}`
            : '';
          return `    ${JSON.stringify(subject)}${comment}`;
        }),
        '  ]',
        '}',
      ];

/** The arguments of `nsc add user` or `nsc edit user`, one a line. */
export const nscArguments = ({ rights, answers }: ApplicationRights): string[] => [
  ...subjectsOf(rights, 'publish').map(({ subject }) => `--allow-pub '${subject}'`),
  ...subjectsOf(rights, 'subscribe').map(({ subject }) => `--allow-sub '${subject}'`),
  ...(answers ? ['--allow-pub-response=-1', `--response-ttl ${ANSWER_EXPIRES}`] : []),
];

/** The permissions as JSON: also those of a user's JWT. */
export const permissionsJson = ({ app, rights, answers }: ApplicationRights): object => ({
  app,
  publish: subjectsOf(rights, 'publish'),
  subscribe: subjectsOf(rights, 'subscribe'),
  ...(answers ? { answers: { max: -1, expires: ANSWER_EXPIRES } } : {}),
});

/** What each declared thing is the reason for. */
export const explanation = ({ rights }: ApplicationRights): { thing: string; lines: string[] }[] => {
  const things = new Map<string, Set<string>>();
  for (const { kind, subject, by, to } of rights) {
    things.set(by, (things.get(by) ?? new Set()).add(`${kind.padEnd(9)} ${subject}  (${to})`));
  }
  return [...things]
    .map(([thing, lines]) => ({ thing, lines: [...lines].sort() }))
    .sort((one, other) => (one.thing < other.thing ? -1 : 1));
};
