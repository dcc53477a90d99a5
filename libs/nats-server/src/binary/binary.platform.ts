/** The parts of a Node process that decide which binary fits. */
export interface Platform {
  readonly os: string;
  readonly arch: string;
  /** `6` or `7` where `arch` is `arm`. */
  readonly armVersion?: string;
}

export function currentPlatform(): Platform {
  const variables: object = process.config.variables;
  const armVersion = 'arm_version' in variables ? String(variables.arm_version) : undefined;
  return {
    os: process.platform,
    arch: process.arch,
    ...(armVersion === undefined ? {} : { armVersion }),
  };
}

/** The key of the pinned-release table, such as `linux-x64` or `linux-armv7`. */
export function platformKey({ os, arch, armVersion }: Platform): string {
  return arch === 'arm' ? `${os}-armv${armVersion ?? '7'}` : `${os}-${arch}`;
}

export function binaryName(os: string): string {
  return os === 'win32' ? 'nats-server.exe' : 'nats-server';
}
