export type Environment = Readonly<Record<string, string | undefined>>;

/** One source of connection settings: the flags, the environment, a context of the `nats` command. */
export interface ConnectionSettings {
  server?: string | undefined;
  user?: string | undefined;
  password?: string | undefined;
  token?: string | undefined;
  /** A file with an nkey seed. */
  nkey?: string | undefined;
  /** A `.creds` file. */
  creds?: string | undefined;
  tlsca?: string | undefined;
  tlscert?: string | undefined;
  tlskey?: string | undefined;
  tlsfirst?: boolean | undefined;
  inboxPrefix?: string | undefined;
  timeout?: string | undefined;
}
