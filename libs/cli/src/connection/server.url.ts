/** What a list of server addresses says. */
export interface Servers {
  /** Without secrets, separated by commas. */
  servers: string;
  user?: string;
  password?: string;
  token?: string;
}

const SECRETS = /^([a-z]+:\/\/)?([^@/]*)@/i;

/** Takes `nats://user:password@host` apart, and `nats://token@host`, as the `nats` command does. */
export const readServers = (list: string): Servers => {
  const found = list.split(',').map((server) => SECRETS.exec(server.trim())?.[2]);
  const servers = list
    .split(',')
    .map((server) => server.trim().replace(SECRETS, '$1'))
    .join(',');
  const secrets = found.find((each) => each !== undefined);
  if (secrets === undefined) return { servers };
  const [first = '', password] = secrets.split(':').map(decoded);
  return password === undefined ? { servers, token: first } : { servers, user: first, password };
};

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};
