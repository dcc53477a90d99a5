import { ClassConstructor, plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import { configInvalid } from '@millrace/core';
import { AppConfig } from './app.config.js';
import { Environment, given } from './environment.js';

const VARIABLE = /^[A-Z][A-Z0-9_]*$/;

/**
 * An app's configuration from environment variables, or from the files that `<variable>_FILE` names; one that is absent
 * or empty keeps its default.
 * @throws MillraceError `CONFIG_INVALID` that lists every variable which is wrong, and no value: they may be secret.
 */
export const loadConfig = <C extends AppConfig>(
  target: ClassConstructor<C>,
  env: Environment = process.env,
): C => {
  const names = Object.keys(new target()).filter((name) => VARIABLE.test(name));
  const said = names.map((name) => ({ name, ...given(name, env) }));
  const values = Object.fromEntries(said.flatMap((one) => ('value' in one ? [[one.name, one.value]] : [])));
  const config = plainToInstance(target, values, { exposeDefaultValues: true });
  const violations = validateSync(config, { validationError: { target: false, value: false } });
  const problems = [
    ...said.flatMap((one) => ('problem' in one ? [one.problem] : [])),
    ...violations.flatMap(({ constraints = {} }) => Object.values(constraints)),
  ].map((message) => `\n  - ${message}`);
  if (problems.length === 0) return config;
  throw configInvalid(
    `The environment of '${config.app}' is not valid:${problems.join('')}`,
    'Correct the listed variables',
  );
};
