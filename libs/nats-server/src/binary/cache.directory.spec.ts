import { join } from 'node:path';
import { cacheDirectory } from './cache.directory.js';

describe('cacheDirectory', () => {
  it.each([
    [{ MILLRACE_CACHE_DIR: '/m', XDG_CACHE_HOME: '/x' }, 'linux', '/m'],
    [{ XDG_CACHE_HOME: '/x' }, 'linux', '/x'],
    [{}, 'linux', join('/home/u', '.cache')],
    [{ MILLRACE_CACHE_DIR: '' }, 'darwin', join('/home/u', 'Library', 'Caches')],
    [{ LOCALAPPDATA: '/l' }, 'win32', '/l'],
    [{}, 'win32', join('/home/u', 'AppData', 'Local')],
  ])('%j on %s', (env, os, base) => {
    expect(cacheDirectory(env, os, '/home/u')).toBe(join(base, 'millrace', 'nats-server'));
  });
});
