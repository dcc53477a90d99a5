/** One archive of an apt sources list: a single URI with the suites taken from it. */
export interface AptSource {
  readonly uri: string;
  readonly suites: readonly string[];
  /** The value of `Signed-By`: a keyring's path, a fingerprint, or an armoured key over several lines. */
  readonly signedBy?: string;
}

/** Parses a `*.sources` file (deb822, see sources.list(5)). Disabled and source-only stanzas are left out. */
export function parseDeb822Sources(text: string): AptSource[] {
  return text
    .replaceAll('\r\n', '\n')
    .split(/\n[ \t]*\n/)
    .flatMap((stanza) => sourcesOfStanza(parseStanza(stanza)));
}

/** Parses a one-line-style `sources.list`. */
export function parseOneLineSources(text: string): AptSource[] {
  return text.split(/\r?\n/).flatMap((line) => {
    const match = /^\s*deb\s+(?:\[([^\]]*)\]\s*)?(\S+)\s+(\S+)/.exec(line.replace(/#.*/, ''));
    if (!match) return [];
    const [, options = '', uri = '', suite = ''] = match;
    const signedBy = /(?:^|\s)signed-by=(\S+)/i.exec(options)?.[1];
    return [{ uri, suites: [suite], ...(signedBy === undefined ? {} : { signedBy }) }];
  });
}

/**
 * The entry that serves the Debian release itself: an archive named `debian` (so neither a security archive
 * nor somebody else's), and among those one that carries `codename`, where there is one.
 */
export function pickDebianArchive(
  sources: readonly AptSource[],
  codename: string | undefined,
): AptSource | undefined {
  const archives = sources.filter(({ uri, suites }) => isDebianUri(uri) && suites.some(isReleaseSuite));
  return archives.find(({ suites }) => codename !== undefined && suites.includes(codename)) ?? archives[0];
}

/** A deb822 sources file that takes `suite`, and nothing else, from the archive. */
export function renderAptSource({ uri, signedBy }: AptSource, suite: string): string {
  const lines = ['Types: deb', `URIs: ${uri}`, `Suites: ${suite}`, 'Components: main'];
  if (signedBy !== undefined) lines.push(`Signed-By: ${signedBy}`);
  return `${lines.join('\n')}\n`;
}

function parseStanza(stanza: string): Map<string, string> {
  const fields = new Map<string, string>();
  let current: string | undefined;
  for (const line of stanza.split('\n')) {
    if (line.startsWith('#')) continue;
    const field = /^([A-Za-z0-9-]+)\s*:\s*(.*)$/.exec(line);
    if (field) {
      current = (field[1] ?? '').toLowerCase();
      fields.set(current, (field[2] ?? '').trim());
    } else if (current !== undefined && /^\s+\S/.test(line)) {
      fields.set(current, `${fields.get(current) ?? ''}\n ${line.trim()}`);
    }
  }
  return fields;
}

function sourcesOfStanza(fields: Map<string, string>): AptSource[] {
  if (/^(no|false|0|off|disable)$/i.test(fields.get('enabled') ?? '')) return [];
  if (!words(fields.get('types')).includes('deb')) return [];
  const suites = words(fields.get('suites'));
  const signedBy = fields.get('signed-by');
  return words(fields.get('uris')).map((uri) => ({
    uri,
    suites,
    ...(signedBy ? { signedBy } : {}),
  }));
}

function words(value: string | undefined): string[] {
  return (value ?? '').split(/\s+/).filter((word) => word !== '');
}

// Cloud images name a mirror list, such as mirror+file:/etc/apt/mirrors/debian.list.
function isDebianUri(uri: string): boolean {
  return /\/debian(\.list)?\/*$/.test(uri);
}

function isReleaseSuite(suite: string): boolean {
  return /^[a-z]+$/.test(suite);
}
