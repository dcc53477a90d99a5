import { readFileSync } from 'node:fs';
import { errorMessage } from '@millrace/core';

export type Environment = Readonly<Record<string, string | undefined>>;

/** What was said of a variable, or what is wrong with how it was said. */
export type Given = { value: string } | { problem: string } | undefined;

/**
 * A variable's own value, or what is in the file that `<name>_FILE` names, without the line end at its end: secrets
 * reach a container as files, where nobody who can list its environment reads them. Empty is as good as absent.
 */
export const given = (name: string, env: Environment): Given => {
  const [value, file] = [env[name] ?? '', env[`${name}_FILE`] ?? ''];
  if (file === '') return value === '' ? undefined : { value };
  if (value !== '') return { problem: `${name} and ${name}_FILE must not both be set` };
  try {
    return { value: readFileSync(file, 'utf8').replace(/\r?\n$/, '') };
  } catch (error) {
    return { problem: `${name}_FILE must name a file that can be read (${errorMessage(error)})` };
  }
};
