import { homedir } from 'node:os';
import { join } from 'node:path';

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Where obtained binaries are kept: `<base>/millrace/nats-server`, with one folder per version. The base is
 * `MILLRACE_CACHE_DIR`, else the platform's per-user cache.
 */
export function cacheDirectory(env: Environment, os: string, home: string = homedir()): string {
  return join(env['MILLRACE_CACHE_DIR'] || userCache(env, os, home), 'millrace', 'nats-server');
}

function userCache(env: Environment, os: string, home: string): string {
  if (env['XDG_CACHE_HOME']) return env['XDG_CACHE_HOME'];
  if (os === 'darwin') return join(home, 'Library', 'Caches');
  if (os === 'win32') return env['LOCALAPPDATA'] || join(home, 'AppData', 'Local');
  return join(home, '.cache');
}
