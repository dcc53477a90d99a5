/** A release archive as published, named by its platform suffix. */
export interface ReleasePin {
  readonly archive: string;
  readonly sha256: string;
}

export const PINNED_VERSION = '2.15.0';

/**
 * SHA-256 of the official 2.15.0 archives, by `<process.platform>-<architecture>`.
 *
 * Linux and Windows: the NATS project's own image build, nats-io/nats-docker, directory `2.15.x`, commit
 * 629985321b0b. macOS: the release's SHA256SUMS as quoted alike by two or more unrelated public projects,
 * which also quote the Linux values above correctly.
 */
export const RELEASE_PINS: Readonly<Record<string, ReleasePin>> = {
  'linux-x64': pin('linux-amd64.tar.gz', '5d2c51caca950333aba84911df7d377f826f3a59ec36061c6539105084f65c92'),
  'linux-arm64': pin(
    'linux-arm64.tar.gz',
    'cdc208f5a3f42963a52b6ab06ef65626bb870315dc936e26ba571780c6351112',
  ),
  'linux-armv7': pin('linux-arm7.tar.gz', 'ec5f4689d017e07cfa18442e10da051c0f3f9dd2e7f4dc7cdb55a11f1303c952'),
  'linux-armv6': pin('linux-arm6.tar.gz', 'e29421c251dda2003d16b8d503124a0d690d05f4e018923be7e5e64b446e42c2'),
  'linux-ia32': pin('linux-386.tar.gz', 'f572eccdbb35ab5c7fef7703a5b6ca49e55d039e441920ba5478972ecdcf7a47'),
  'linux-s390x': pin(
    'linux-s390x.tar.gz',
    'ac50bf4adc8fa6db575ed9293417b6fbec746e71cc9d360aea5cd447e4207bfc',
  ),
  'linux-ppc64': pin(
    'linux-ppc64le.tar.gz',
    'a402bf73f91f674735cc85aa0e7d06d5dfa3044b98cda6ea9937cfee4e05a266',
  ),
  'linux-loong64': pin(
    'linux-loong64.tar.gz',
    'fdce4b595b4b3a9f83d07ee310334b68a0723c799e969c9ab77f3105158fd64e',
  ),
  'darwin-x64': pin(
    'darwin-amd64.tar.gz',
    '5bd8b59ca5bf93fab3da2c5843cf564cd6e2e291e22ae3b861746e7ebe259b95',
  ),
  'darwin-arm64': pin(
    'darwin-arm64.tar.gz',
    'e1c4e22d70bd44abfa0bcb3c16f7cf0c66f648c2e728c58924e8a1ce88913cc8',
  ),
  'win32-x64': pin('windows-amd64.zip', '2d0861dc2ca3567d17f7d19611d7b346cc2ccbd7086a0a77cc957a2c71663200'),
};

function pin(suffix: string, sha256: string): ReleasePin {
  return { archive: `nats-server-v${PINNED_VERSION}-${suffix}`, sha256 };
}
