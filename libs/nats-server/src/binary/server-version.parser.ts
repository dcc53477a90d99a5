/** A nats-server version. A pre-release such as `2.15.0-RC.1` sorts before its release. */
export interface ServerVersion {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
  readonly preRelease: string;
}

/** Server-side cron schedules need 2.14. */
export const MINIMUM_VERSION: ServerVersion = { major: 2, minor: 14, patch: 0, preRelease: '' };

const PATTERN = /^v?(\d+)\.(\d+)\.(\d+)(?:-([0-9A-Za-z.-]+))?(?:\+\S+)?$/;

/** Parses `2.15.1`, `v2.15.1` or `2.15.0-RC.1`; undefined for anything else. */
export function parseVersion(text: string): ServerVersion | undefined {
  const match = PATTERN.exec(text.trim());
  if (!match) return undefined;
  const [, major, minor, patch, preRelease = ''] = match;
  return { major: Number(major), minor: Number(minor), patch: Number(patch), preRelease };
}

/** Reads what `nats-server --version` prints: `nats-server: v2.15.1`. */
export function parseVersionOutput(output: string): ServerVersion | undefined {
  const match = /^nats-server:?\s+(?:version\s+)?(\S+)/m.exec(output);
  return match?.[1] === undefined ? undefined : parseVersion(match[1]);
}

export function formatVersion({ major, minor, patch, preRelease }: ServerVersion): string {
  return `${major}.${minor}.${patch}${preRelease ? `-${preRelease}` : ''}`;
}

/** Negative when `a` is older than `b`, 0 when equal, positive when newer. */
export function compareVersions(a: ServerVersion, b: ServerVersion): number {
  return (
    a.major - b.major ||
    a.minor - b.minor ||
    a.patch - b.patch ||
    comparePreReleases(a.preRelease, b.preRelease)
  );
}

export function isSupported(version: ServerVersion): boolean {
  return compareVersions(version, MINIMUM_VERSION) >= 0;
}

function comparePreReleases(a: string, b: string): number {
  if (a === b) return 0;
  if (a === '') return 1;
  if (b === '') return -1;
  return a.localeCompare(b, 'en', { numeric: true });
}
