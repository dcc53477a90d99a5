import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { systemCodeOf } from '../nats-server.error.js';
import { type AptSource, parseDeb822Sources, parseOneLineSources } from './apt-sources.parser.js';

/** Reads every sources file below `aptDirectory` (usually `/etc/apt`); a missing file counts as empty. */
export async function readAptSources(aptDirectory: string): Promise<AptSource[]> {
  const parts = join(aptDirectory, 'sources.list.d');
  const names = (await list(parts)).sort();
  const files = [join(aptDirectory, 'sources.list'), ...names.map((name) => join(parts, name))];
  const parsed = await Promise.all(files.map(readSources));
  return parsed.flat();
}

/** `VERSION_CODENAME` of an os-release file, such as `bookworm`. */
export async function readCodename(osReleaseFile: string): Promise<string | undefined> {
  const match = /^VERSION_CODENAME="?([a-z]+)"?$/m.exec(await read(osReleaseFile));
  return match?.[1];
}

async function readSources(file: string): Promise<AptSource[]> {
  if (file.endsWith('.sources')) return parseDeb822Sources(await read(file));
  if (file.endsWith('.list')) return parseOneLineSources(await read(file));
  return [];
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (isMissing(error)) return '';
    throw error;
  }
}

async function list(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  const code = systemCodeOf(error);
  return code === 'ENOENT' || code === 'EACCES' || code === 'ENOTDIR';
}
