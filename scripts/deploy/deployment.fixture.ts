import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OrderConfig } from '../../apps/order/src/order.config.js';
import { loadConfig } from '../../apps/shared/src/config/config.loader.js';
import { SchedulerConfig } from '../../apps/scheduler/src/scheduler.config.js';
import { UserConfig } from '../../apps/user/src/user.config.js';
import { inRoot } from '../lib/workspace.mjs';
import { makeSecrets } from '../secrets/secret.files.mjs';

const yaml = createRequire(import.meta.url)('js-yaml') as {
  load: (text: string) => unknown;
  loadAll: (text: string) => unknown[];
};

export const read = (file: string): string => readFileSync(inRoot(file), 'utf8');
export const readYaml = (file: string): unknown => yaml.load(read(file));
export const readYamls = (file: string): unknown[] => yaml.loadAll(read(file));

const CONFIGS = { user: UserConfig, order: OrderConfig, scheduler: SchedulerConfig };
export type App = keyof typeof CONFIGS;
export const APPS = Object.keys(CONFIGS) as App[];

export type Environment = Readonly<Record<string, string>>;

/** What an app makes of its environment in a container. */
export const configOf = (app: App, environment: Environment): UserConfig | OrderConfig | SchedulerConfig =>
  loadConfig<UserConfig | OrderConfig | SchedulerConfig>(CONFIGS[app], {
    ...IMAGE_ENVIRONMENT,
    ...environment,
  });

/** The variables that an app reads, by themselves or as the name of a file. */
export const readBy = (app: App): string[] =>
  Object.keys(new CONFIGS[app]()).flatMap((name) => [name, `${name}_FILE`]);

/** What the Dockerfile sets. */
export const IMAGE_ENVIRONMENT: Environment = Object.fromEntries(
  [...(/^ENV (.*)$/m.exec(read('Dockerfile'))?.[1] ?? '').matchAll(/([A-Z_]+)=(\S+)/g)].map(
    ([, name = '', value = '']) => [name, value],
  ),
);

/** The variables of deploy/nats/nats.conf. */
export const NATS_VARIABLES: readonly string[] = [
  ...new Set(
    [...read('deploy/nats/nats.conf').matchAll(/^[^#\n]*?\$(NATS_[A-Z_]+)/gm)].map(([, name = '']) => name),
  ),
].sort();

/** Secrets as `npm run secrets` makes them. */
export const temporarySecrets = async () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-secrets-'));
  const made = await makeSecrets({ folder });
  const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
  return {
    folder,
    made,
    read,
    /** The names of the variables in a file of them. */
    variablesIn: (name: string): string[] =>
      [...read(name).matchAll(/^(\w+)=/gm)].map(([, variable = '']) => variable),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
};
export type Secrets = Awaited<ReturnType<typeof temporarySecrets>>;
