/** What the drill tells a process, as the JSON of its first argument. */
export interface RoleSettings {
  readonly role: RoleName;
  /** The process's own name, as in `worker-2`. */
  readonly name: string;
  /** How often it has been started before. */
  readonly life: number;
  readonly servers: readonly string[];
  readonly replicas: number;
  readonly seed: number;
  /** Where it writes down what it does. */
  readonly journal: string;
}

export type RoleName = 'publisher' | 'worker' | 'fragile';

/** What the drill tells a process while it runs. */
export type RoleCommand = { readonly kind: 'shift-clock'; readonly shiftMs: number };

/** What a process tells the drill. */
export interface RoleReady {
  readonly kind: 'ready';
}

export const readSettings = (): RoleSettings => JSON.parse(process.argv[2] ?? '{}') as RoleSettings;
