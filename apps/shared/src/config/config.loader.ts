import { ClassConstructor, plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import { configInvalid } from '@millrace/core';
import { AppConfig } from './app.config.js';

const VARIABLE = /^[A-Z][A-Z0-9_]*$/;

/**
 * An app's configuration from environment variables; one that is absent or empty keeps its default.
 * @throws MillraceError `CONFIG_INVALID` that lists every variable which is wrong, and no value: they may be secret.
 */
export const loadConfig = <C extends AppConfig>(
  target: ClassConstructor<C>,
  env: Readonly<Record<string, string | undefined>> = process.env,
): C => {
  const names = Object.keys(new target()).filter((name) => VARIABLE.test(name));
  const given = names.filter((name) => env[name] !== undefined && env[name] !== '');
  const values = Object.fromEntries(given.map((name) => [name, env[name]]));
  const config = plainToInstance(target, values, { exposeDefaultValues: true });
  const problems = validateSync(config, { validationError: { target: false, value: false } }).flatMap(
    ({ constraints = {} }) => Object.values(constraints).map((message) => `\n  - ${message}`),
  );
  if (problems.length === 0) return config;
  throw configInvalid(
    `The environment of '${config.app}' is not valid:${problems.join('')}`,
    'Correct the listed variables',
  );
};
