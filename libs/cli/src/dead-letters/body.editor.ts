import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { configInvalid, ErrorCode, MillraceError } from '@millrace/core';
import { Environment } from '../connection/connection.settings.js';
import { jsonOf, textOf } from './letter.view.js';

export type Edited =
  | { readonly kind: 'unchanged' }
  /** `forget` removes the file that was edited: until then nothing the user wrote is lost. */
  | { readonly kind: 'changed'; readonly body: Uint8Array; readonly forget: () => void };

/**
 * Lets the user change a body in their editor. JSON is laid out for it, and must be JSON afterwards.
 * @throws MillraceError `CONFIG_INVALID` for what cannot be edited, or is not usable afterwards.
 */
export const editBody = async (body: Uint8Array, env: Environment): Promise<Edited> => {
  const text = textOf(body);
  if (text === undefined) throw configInvalid('The body is no text', 'Replay it as it is');
  const json = jsonOf(text);
  const shown = json ? `${JSON.stringify(json.value, undefined, 2)}\n` : text;
  const folder = mkdtempSync(join(tmpdir(), 'millrace-'));
  const file = join(folder, json ? 'body.json' : 'body.txt');
  const forget = (): void => rmSync(folder, { recursive: true, force: true });
  // An event may hold what is nobody else's business.
  writeFileSync(file, shown, { mode: 0o600 });
  await runEditor(env['VISUAL'] || env['EDITOR'] || 'vi', file);
  const edited = readFileSync(file, 'utf8');
  if (edited === shown) {
    forget();
    return { kind: 'unchanged' };
  }
  if (json && !jsonOf(edited)) {
    throw configInvalid(`The body was JSON, and is not any more`, `What you wrote is in ${file}`);
  }
  return { kind: 'changed', body: new TextEncoder().encode(edited), forget };
};

const runEditor = async (editor: string, file: string): Promise<void> => {
  const code = await new Promise<number | null>((resolve, reject) => {
    // By the shell, as git does: $EDITOR may hold arguments.
    const child = spawn('sh', ['-c', `${editor} "$1"`, editor, file], { stdio: 'inherit' });
    child.once('error', reject);
    child.once('exit', resolve);
  });
  if (code === 0) return;
  throw new MillraceError(ErrorCode.ConfigInvalid, `The editor '${editor}' ended with ${code}`, {
    remedy: `Nothing is replayed. Set EDITOR; what was to be edited is in ${file}`,
  });
};
