import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { resolveNatsServer } from '@millrace/nats-server';
import { inRoot } from '../lib/workspace.mjs';
import { USERS } from '../secrets/secret.files.mjs';
import { APPS, Environment, NATS_VARIABLES, read, Secrets, temporarySecrets } from './deployment.fixture.js';

const run = promisify(execFile);

let binary: string;
let secrets: Secrets;
beforeAll(async () => {
  binary = (await resolveNatsServer()).path;
  secrets = await temporarySecrets();
}, 180_000);
afterAll(() => secrets.remove());

/** An environment in which nothing is missing, with the hashes as the file has them, quotes included. */
const whole = (): Environment => ({
  ...Object.fromEntries(NATS_VARIABLES.map((name) => [name, `127.0.0.1:1`])),
  NATS_NAME: 'nats-0',
  NATS_ROUTES: '[nats://nats-1:6222, nats://nats-2:6222]',
  NATS_MAX_FILE: '4GB',
  NATS_MAX_MEMORY: '128MB',
  NATS_STORE: secrets.folder,
  NATS_CA: `${secrets.folder}/ca.pem`,
  NATS_CERT: `${secrets.folder}/nats.pem`,
  NATS_KEY: `${secrets.folder}/nats.key`,
  ...Object.fromEntries(
    [...secrets.read('nats.env').matchAll(/^(\w+)=(.*)$/gm)].map(
      ([, name = '', value = '']): [string, string] => [name, value],
    ),
  ),
});

/** What the server itself says of the configuration. */
const check = async (env: Environment): Promise<string> => {
  try {
    const { stderr } = await run(binary, ['-t', '-c', inRoot('deploy/nats/nats.conf')], { env });
    return stderr;
  } catch (error) {
    return (error as { stderr: string }).stderr;
  }
};

it('is a configuration that the server accepts', async () => {
  expect(await check(whole())).toMatch(/configuration file .* is valid/);
});

it.each(NATS_VARIABLES)('is none without %s', async (name) => {
  const { [name]: _, ...rest } = whole();
  expect(await check(rest)).toContain(name);
});

it('has a user for every password that is made, and for every app its permissions', () => {
  const configuration = read('deploy/nats/nats.conf');
  for (const user of USERS) {
    expect(configuration).toMatch(
      new RegExp(`user: ${user},? *\\n? *password: \\$NATS_${user.toUpperCase()}_HASH`),
    );
  }
  for (const app of APPS) {
    expect(configuration).toContain(
      `user: ${app}, password: $NATS_${app.toUpperCase()}_HASH, permissions: { include permissions/${app}.conf }`,
    );
  }
});

it('names no password, and no user without one', () => {
  const configuration = read('deploy/nats/nats.conf').replaceAll(/#.*$/gm, '');
  expect(configuration).not.toMatch(/no_auth_user|\$2[aby]\$|password: [^$]/);
});
