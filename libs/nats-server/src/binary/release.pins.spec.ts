import { platformKey } from './binary.platform.js';
import { PINNED_VERSION, RELEASE_PINS } from './release.pins.js';
import { releaseWay } from './release.way.js';
import { isSupported, parseVersion } from './server-version.parser.js';

describe('pinned releases', () => {
  it('pins a supported version with a well-formed checksum each, no two alike', () => {
    expect(isSupported(parseVersion(PINNED_VERSION)!)).toBe(true);
    const pins = Object.values(RELEASE_PINS);
    for (const { archive, sha256 } of pins) {
      expect(sha256).toMatch(/^[0-9a-f]{64}$/);
      expect(archive).toMatch(/^nats-server-v2\.15\.0-(linux|darwin|windows)-[a-z0-9]+\.(tar\.gz|zip)$/);
    }
    expect(new Set(pins.map(({ sha256 }) => sha256)).size).toBe(pins.length);
    expect(new Set(pins.map(({ archive }) => archive)).size).toBe(pins.length);
  });

  it.each([
    [{ os: 'linux', arch: 'x64' }, 'linux-amd64.tar.gz'],
    [{ os: 'linux', arch: 'arm64' }, 'linux-arm64.tar.gz'],
    [{ os: 'linux', arch: 'arm', armVersion: '6' }, 'linux-arm6.tar.gz'],
    [{ os: 'linux', arch: 'arm', armVersion: '7' }, 'linux-arm7.tar.gz'],
    [{ os: 'darwin', arch: 'arm64' }, 'darwin-arm64.tar.gz'],
    [{ os: 'win32', arch: 'x64' }, 'windows-amd64.zip'],
  ])('maps %j to its archive', (platform, suffix) => {
    expect(RELEASE_PINS[platformKey(platform)]?.archive).toBe(`nats-server-v${PINNED_VERSION}-${suffix}`);
  });

  it('refuses a platform without a pinned checksum before any download', async () => {
    const way = releaseWay({ platform: { os: 'sunos', arch: 'x64' }, baseUrl: 'http://127.0.0.1:9' });
    const steps: string[] = [];
    const outcome = await way.obtain({
      directory: '/nowhere',
      onProgress: ({ message }) => steps.push(message),
    });
    expect(outcome).toEqual({ kind: 'refused', answer: 'no pinned checksum for sunos-x64' });
    expect(steps).toEqual([]);
  });
});
