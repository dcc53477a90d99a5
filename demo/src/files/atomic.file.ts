import { renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** Writes a file so that whoever reads it meanwhile sees all of it or nothing. */
export const writeJson = (file: string, value: unknown): void => {
  const part = `${file}.${process.pid}.part`;
  writeFileSync(part, `${JSON.stringify(value, null, 2)}\n`);
  renameSync(part, file);
};

export const removeFile = (file: string): void => rmSync(file, { force: true });

/** Why nothing can be written there; `undefined` where it can. */
export const whyNotWritable = (file: string): string | undefined => {
  const folder = dirname(resolve(file));
  const isFolder = statSync(folder, { throwIfNoEntry: false })?.isDirectory() ?? false;
  if (!isFolder) return `there is no folder ${folder}`;
  return statSync(file, { throwIfNoEntry: false })?.isDirectory() ? `${file} is a folder` : undefined;
};
