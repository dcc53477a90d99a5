import {
  parseDeb822Sources,
  parseOneLineSources,
  pickDebianArchive,
  renderAptSource,
} from './apt-sources.parser.js';

const DEB822 = `# a comment
Types: deb
# one between fields
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/debian.gpg

Types: deb
URIs: http://mirror.example/debian-security
Suites: bookworm-security
Components: main
Signed-By: /usr/share/keyrings/debian.gpg

Types: deb-src
URIs: http://sources.example/debian
Suites: bookworm

Enabled: no
Types: deb
URIs: http://off.example/debian
Suites: bookworm
`;

describe('apt sources', () => {
  it('reads deb822 stanzas, without disabled and source-only ones', () => {
    expect(parseDeb822Sources(DEB822)).toEqual([
      {
        uri: 'http://mirror.example/debian',
        suites: ['bookworm', 'bookworm-updates'],
        signedBy: '/usr/share/keyrings/debian.gpg',
      },
      {
        uri: 'http://mirror.example/debian-security',
        suites: ['bookworm-security'],
        signedBy: '/usr/share/keyrings/debian.gpg',
      },
    ]);
  });

  it('keeps an armoured key and several URIs', () => {
    const text =
      'Types: deb deb-src\nURIs: http://a.example/debian\n http://b.example/debian/\nSuites: sid\nSigned-By:\n -----BEGIN\n .\n xyz\n';
    const [first, second] = parseDeb822Sources(text);
    expect([first?.uri, second?.uri]).toEqual(['http://a.example/debian', 'http://b.example/debian/']);
    expect(renderAptSource(first!, 'forky')).toBe(
      'Types: deb\nURIs: http://a.example/debian\nSuites: forky\nComponents: main\nSigned-By: \n -----BEGIN\n .\n xyz\n',
    );
  });

  it('reads one-line entries with and without options', () => {
    const text = [
      '# deb http://old.example/debian buster main',
      'deb [arch=amd64 signed-by=/k.gpg] http://a.example/debian trixie main contrib # trailing',
      'deb http://b.example/debian/ bookworm main',
      'deb-src http://b.example/debian/ bookworm main',
    ].join('\n');
    expect(parseOneLineSources(text)).toEqual([
      { uri: 'http://a.example/debian', suites: ['trixie'], signedBy: '/k.gpg' },
      { uri: 'http://b.example/debian/', suites: ['bookworm'] },
    ]);
  });

  it('picks the release archive, not security, not third parties', () => {
    const sources = [
      { uri: 'http://tools.example/apt', suites: ['stable'] },
      { uri: 'http://mirror.example/debian-security', suites: ['bookworm-security'] },
      { uri: 'http://mirror.example/debian', suites: ['bookworm-backports'] },
      { uri: 'http://other.example/debian', suites: ['trixie'] },
      { uri: 'http://mirror.example/debian/', suites: ['bookworm'] },
    ];
    expect(pickDebianArchive(sources, 'bookworm')?.uri).toBe('http://mirror.example/debian/');
    expect(pickDebianArchive(sources, 'unheard')?.uri).toBe('http://other.example/debian');
    expect(pickDebianArchive(sources.slice(0, 3), 'bookworm')).toBeUndefined();
    expect(
      pickDebianArchive([{ uri: 'http://m.example/ubuntu', suites: ['noble'] }], 'noble'),
    ).toBeUndefined();
  });

  it('accepts the mirror list of cloud images', () => {
    const source = { uri: 'mirror+file:///etc/apt/mirrors/debian.list', suites: ['trixie'] };
    expect(pickDebianArchive([source], 'trixie')).toBe(source);
  });
});
