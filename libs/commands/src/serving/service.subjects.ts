/** What a service can be asked of itself (ADR-32). */
export const VERBS = ['PING', 'INFO', 'STATS'] as const;
export type Verb = (typeof VERBS)[number];

/** Where all services are asked, those of a name, and one replica. */
export const verbSubjects = (verb: Verb, name: string, id: string): string[] => [
  `$SRV.${verb}`,
  `$SRV.${verb}.${name}`,
  `$SRV.${verb}.${name}.${id}`,
];

/** An application's name as the name of a service. */
export const serviceName = (app: string): string => app.replace(/[^A-Za-z0-9_-]/g, '-');
