import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { inRoot } from './lib/workspace.mjs';

interface Manifest {
  name: string;
  private?: boolean;
  license?: string;
  type?: string;
  exports?: Record<string, unknown>;
  files?: string[];
}

const libs = readdirSync(inRoot('libs')).filter((name) => existsSync(inRoot('libs', name, 'package.json')));
const read = (...path: string[]): string => readFileSync(inRoot(...path), 'utf8');

describe.each(libs)('the package of libs/%s', (folder) => {
  const manifest = JSON.parse(read('libs', folder, 'package.json')) as Manifest;

  it('is an ESM package under the name of its folder, with explicit exports', () => {
    expect(manifest).toMatchObject({ name: `@millrace/${folder}`, type: 'module', license: 'Apache-2.0' });
    expect(manifest.exports).toHaveProperty(['.']);
  });

  it('carries its licence and a README', () => {
    expect(read('libs', folder, 'LICENSE')).toBe(read('LICENSE'));
    expect(existsSync(inRoot('libs', folder, 'README.md'))).toBe(true);
  });

  it('publishes what is built, unless it is private', () => {
    const isPrivate = folder === 'contracts';
    expect([manifest.private ?? false, manifest.files?.includes('dist') ?? false]).toEqual([
      isPrivate,
      !isPrivate,
    ]);
  });
});
