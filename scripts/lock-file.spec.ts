import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { inRoot } from './lib/workspace.mjs';

interface Entry {
  version?: string;
  link?: boolean;
  resolved?: string;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}

const read = (file: string): unknown => JSON.parse(readFileSync(inRoot(file), 'utf8'));

type Packages = Record<string, Entry>;

/** Where Node finds `name` from a package, in the lock file. */
const find = (packages: Packages, from: string, name: string): Entry | undefined => {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
    const entry = packages[`${folder === '' ? '' : `${folder}/`}node_modules/${name}`];
    if (entry || folder === '') return entry;
    if (!folder.includes('/node_modules/')) return packages[`node_modules/${name}`];
  }
};

const workspaces = [
  ...['libs', 'apps'].flatMap((group) => readdirSync(inRoot(group)).map((name) => `${group}/${name}`)),
  'demo',
  'bench',
  'test',
].filter((folder) => existsSync(inRoot(folder, 'package.json')));

// `npm ci` refuses a lock file that is not complete, and with it `npm start` on a bare clone.
describe.each([
  { lock: 'package-lock.json', folders: ['', ...workspaces] },
  { lock: 'bench/peers/package-lock.json', folders: [''] },
])('the lock file ./$lock', ({ lock, folders }) => {
  const { packages } = read(lock) as { packages: Packages };
  const root = lock.slice(0, -'package-lock.json'.length);

  it('names the optional packages of every platform, not only of the one it was made on', () => {
    const missing = Object.entries(packages).flatMap(([from, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter((name) => !find(packages, from, name)),
    );
    expect(missing).toEqual([]);
  });

  it.each(folders)(`knows what ./${root}%s depends on`, (folder) => {
    const manifest = read(`${root}${folder === '' ? '' : `${folder}/`}package.json`) as Entry;
    const entry = packages[folder] ?? {};
    for (const kind of [
      'dependencies',
      'devDependencies',
      'peerDependencies',
      'optionalDependencies',
    ] as const) {
      expect([kind, entry[kind] ?? {}]).toEqual([kind, manifest[kind] ?? {}]);
    }
  });

  it('pins every package by its version, and names no address to get it from', () => {
    for (const [path, { version, link, resolved }] of Object.entries(packages)) {
      if (!path.includes('node_modules/')) continue;
      expect([path, link === true || version !== undefined]).toEqual([path, true]);
      expect(resolved ?? '').not.toMatch(/^https?:/);
    }
  });
});
