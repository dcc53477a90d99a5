import { missingFrom } from './lock.mjs';

const wanted = {
  packages: {
    '': { version: '1.0.0' },
    'libs/core': { version: '0.1.0' },
    'node_modules/@millrace/core': { link: true, resolved: 'libs/core' },
    'node_modules/jest': { version: '30.0.0' },
    'node_modules/other-platform': { version: '2.0.0', optional: true },
    'apps/user/node_modules/deep': { version: '3.0.0' },
  },
};

const installed = (changes: Record<string, object | undefined> = {}) => ({
  packages: Object.fromEntries(
    Object.entries({
      'node_modules/@millrace/core': { link: true, resolved: 'libs/core' },
      'node_modules/jest': { version: '30.0.0' },
      'apps/user/node_modules/deep': { version: '3.0.0' },
      ...changes,
    }).flatMap(([path, entry]) => (entry ? [[path, entry]] : [])),
  ),
});

describe('what the lock file asks for and is not installed', () => {
  it('is nothing when everything is there, packages of other platforms aside', () => {
    expect(missingFrom(wanted, installed())).toEqual([]);
  });

  it('is a package that is missing', () => {
    expect(missingFrom(wanted, installed({ 'node_modules/jest': undefined }))).toEqual(['node_modules/jest']);
  });

  it('is a package of another version, below a workspace too', () => {
    expect(missingFrom(wanted, installed({ 'apps/user/node_modules/deep': { version: '3.0.1' } }))).toEqual([
      'apps/user/node_modules/deep',
    ]);
  });

  it('is an optional package of another version', () => {
    expect(missingFrom(wanted, installed({ 'node_modules/other-platform': { version: '1.0.0' } }))).toEqual([
      'node_modules/other-platform',
    ]);
  });

  it('is a workspace that is not linked, or linked elsewhere', () => {
    expect(
      missingFrom(wanted, installed({ 'node_modules/@millrace/core': { version: '0.1.0' } })),
    ).toHaveLength(1);
    expect(
      missingFrom(
        wanted,
        installed({ 'node_modules/@millrace/core': { link: true, resolved: 'libs/kern' } }),
      ),
    ).toHaveLength(1);
  });
});
