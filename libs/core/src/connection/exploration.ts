import type { NatsModuleOptions } from './nats-options.js';

let server: string | undefined;

/**
 * From now on, applications of this process are there to be looked at: each connection goes to the server at `url`, without
 * credentials, so that the system which their configuration names is not touched, and none takes work.
 */
export const exploreOn = (url: string): void => {
  server = url;
};

export const isExploring = (): boolean => server !== undefined;

/** The options, or those of the server to explore on. */
export const explored = (options: NatsModuleOptions): NatsModuleOptions => {
  if (server === undefined) return options;
  const { user: _user, password: _password, token: _token, nkey: _nkey, ...rest } = options;
  const { credentialsFile: _file, tls: _tls, ...plain } = rest;
  return { ...plain, servers: server };
};
