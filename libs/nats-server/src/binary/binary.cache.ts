import { chmod, copyFile, mkdir, mkdtemp, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { systemCodeOf } from '../nats-server.error.js';
import { binaryName } from './binary.platform.js';
import { isProcessAlive } from './process.probe.js';
import {
  type ServerVersion,
  compareVersions,
  formatVersion,
  isSupported,
  parseVersion,
} from './server-version.parser.js';

const WORK_PREFIX = '.work-';

/** The per-user folder of obtained binaries: `<directory>/<version>/nats-server`. */
export class BinaryCache {
  constructor(
    readonly directory: string,
    private readonly os: string,
  ) {}

  /** Paths of the cached binaries that are new enough, newest first. They may turn out not to run. */
  async candidates(): Promise<string[]> {
    const versions = (await this.entries())
      .map(parseVersion)
      .filter((version) => version !== undefined)
      .filter(isSupported)
      .sort((a, b) => compareVersions(b, a));
    return versions.map((version) => this.pathOf(version));
  }

  pathOf(version: ServerVersion): string {
    return join(this.directory, formatVersion(version), binaryName(this.os));
  }

  /** A fresh directory on the cache's own file system, so that putting in place is a rename. */
  async createWorkDirectory(): Promise<string> {
    await mkdir(this.directory, { recursive: true });
    await this.sweep();
    return mkdtemp(join(this.directory, `${WORK_PREFIX}${process.pid}-`));
  }

  /** Puts a verified binary in place in one step; whoever comes second replaces it by an equal one. */
  async install(binary: string, version: ServerVersion): Promise<string> {
    const target = this.pathOf(version);
    const folder = join(this.directory, formatVersion(version));
    await mkdir(folder, { recursive: true });
    const staged = join(folder, `${WORK_PREFIX}${process.pid}-${Date.now()}`);
    try {
      await copyFile(binary, staged);
      await chmod(staged, 0o755);
      await flush(staged);
      await rename(staged, target);
    } catch (error) {
      await rm(staged, { force: true });
      // Windows refuses to replace a binary that is running, and a running one is in place already.
      if (this.os !== 'win32' || !['EPERM', 'EBUSY', 'EACCES'].includes(systemCodeOf(error) ?? ''))
        throw error;
    }
    return target;
  }

  // What a killed process left behind is named after its pid.
  private async sweep(): Promise<void> {
    const names = await this.entries();
    for (const name of names) {
      const folder = parseVersion(name) ? join(this.directory, name) : this.directory;
      const leftovers = folder === this.directory ? [name] : await entriesOf(folder);
      for (const leftover of leftovers.filter(isAbandoned)) {
        await rm(join(folder, leftover), { recursive: true, force: true });
      }
    }
  }

  private entries(): Promise<string[]> {
    return entriesOf(this.directory);
  }
}

function isAbandoned(name: string): boolean {
  const pid = new RegExp(`^\\${WORK_PREFIX}(\\d+)-`).exec(name)?.[1];
  return pid !== undefined && !isProcessAlive(Number(pid));
}

async function flush(file: string): Promise<void> {
  const handle = await open(file, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function entriesOf(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return [];
    throw error;
  }
}
