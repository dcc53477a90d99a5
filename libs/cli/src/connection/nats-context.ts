import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { configInvalid, errorMessage } from '@millrace/core';
import { ConnectionSettings, Environment } from './connection.settings.js';

const NAME = /^[^/\\]+$/;

/**
 * A context as the `nats` command saved it: `<config>/nats/context/<name>.json`.
 * @throws MillraceError `CONFIG_INVALID` where there is none, or it cannot be read.
 */
export const readNatsContext = (name: string, env: Environment): ConnectionSettings => {
  const config = env['XDG_CONFIG_HOME'] || join(env['HOME'] || homedir(), '.config');
  const file = join(config, 'nats', 'context', `${name}.json`);
  const saved = NAME.test(name) ? readJson(name, file) : {};
  if (Object.keys(saved).length === 0) throw unusable(name, `${file} says nothing`);
  const text = (field: string): string | undefined => {
    const value = saved[field];
    return typeof value === 'string' && value !== '' ? value.replace(/^~(?=\/)/, homedir()) : undefined;
  };
  return {
    server: text('url'),
    user: text('user'),
    password: text('password'),
    token: text('token'),
    nkey: text('nkey'),
    creds: text('creds'),
    tlsca: text('ca'),
    tlscert: text('cert'),
    tlskey: text('key'),
    tlsfirst: saved['tls_first'] === true || undefined,
    inboxPrefix: text('inbox_prefix'),
  };
};

const readJson = (name: string, file: string): Record<string, unknown> => {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch (error) {
    throw unusable(name, errorMessage(error));
  }
};

const unusable = (name: string, why: string): Error =>
  configInvalid(
    `The context '${name}' of the nats command cannot be used (${why})`,
    "See 'nats context ls', or name the server with --server",
  );
