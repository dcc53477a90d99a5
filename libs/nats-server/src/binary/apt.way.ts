import { execFile } from 'node:child_process';
import { access, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { reasonOf, systemCodeOf, textOf } from '../nats-server.error.js';
import { type AptSource, pickDebianArchive, renderAptSource } from './apt-sources.parser.js';
import { readAptSources, readCodename } from './apt-sources.reader.js';
import type { ObtainOutcome, ObtainWay, ObtainWork } from './obtain.way.js';

const execute = promisify(execFile);

export interface AptWayOptions {
  readonly os: string;
  readonly aptDirectory?: string;
  readonly osReleaseFile?: string;
}

const SUITE = 'forky';
const NAME = `Debian package (${SUITE})`;
const DEBIAN_KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';
const COMMAND_TIMEOUT_MS = 180_000;

/**
 * The `nats-server` package of Debian's forky suite, taken from the archive this system already trusts.
 * apt keeps its state in the work directory and the package is only unpacked, so nothing is installed and
 * no privilege is needed; apt's own signature check stands in for a pinned checksum.
 */
export function aptWay(options: AptWayOptions): ObtainWay {
  return { name: NAME, obtain: (work) => obtainPackage(options, work) };
}

async function obtainPackage(options: AptWayOptions, work: ObtainWork): Promise<ObtainOutcome> {
  if (options.os !== 'linux') return { kind: 'refused', answer: `not a Debian system (${options.os})` };
  try {
    const source = await findArchive(options);
    if (!source) return { kind: 'refused', answer: 'no Debian archive among this system’s apt sources' };
    return await downloadPackage(source, work);
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') {
      return { kind: 'refused', answer: `apt-get and dpkg are needed: ${reasonOf(error)}` };
    }
    return { kind: 'refused', answer: commandFailure(error) };
  }
}

async function findArchive({ aptDirectory = '/etc/apt', osReleaseFile = '/etc/os-release' }: AptWayOptions) {
  const [sources, codename] = await Promise.all([readAptSources(aptDirectory), readCodename(osReleaseFile)]);
  const source = pickDebianArchive(sources, codename);
  if (source && source.signedBy === undefined && (await exists(DEBIAN_KEYRING))) {
    return { ...source, signedBy: DEBIAN_KEYRING };
  }
  return source;
}

async function downloadPackage(source: AptSource, work: ObtainWork): Promise<ObtainOutcome> {
  const options = await prepareApt(source, work.directory);
  const run = (command: string, args: readonly string[]) =>
    execute(command, [...args], {
      cwd: work.directory,
      timeout: COMMAND_TIMEOUT_MS,
      maxBuffer: 16 * 1024 * 1024,
      env: { ...process.env, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' },
    });

  work.onProgress({ way: NAME, message: 'reading the package index' });
  await run('apt-get', ['-q', ...options, 'update']);
  work.onProgress({ way: NAME, message: 'downloading the package' });
  await run('apt-get', ['-q', ...options, 'download', 'nats-server']);
  const archive = (await readdir(work.directory)).find((name) => name.endsWith('.deb'));
  if (archive === undefined) return { kind: 'refused', answer: 'apt-get download left no package' };
  work.onProgress({ way: NAME, message: 'unpacking' });
  await run('dpkg', ['-x', archive, 'unpacked']);
  return { kind: 'obtained', path: join(work.directory, 'unpacked', 'usr', 'sbin', 'nats-server') };
}

async function prepareApt(source: AptSource, directory: string): Promise<string[]> {
  const at = (name: string) => join(directory, name);
  await mkdir(at('state/lists/partial'), { recursive: true });
  await mkdir(at('cache/archives/partial'), { recursive: true });
  await writeFile(at('status'), '');
  await writeFile(at('archive.sources'), renderAptSource(source, SUITE));
  const settings = {
    'Dir::State': at('state'),
    'Dir::State::lists': at('state/lists'),
    'Dir::State::status': at('status'),
    'Dir::Cache': at('cache'),
    'Dir::Etc::sourcelist': at('archive.sources'),
    'Dir::Etc::sourceparts': '/dev/null',
    'Dir::Etc::preferences': '/dev/null',
    'Dir::Etc::preferencesparts': '/dev/null',
    'Acquire::Languages': 'none',
    'Acquire::Retries': '2',
    // Without it an unreachable archive is only a warning, and the message names the wrong trouble.
    'APT::Update::Error-Mode': 'any',
    // The directory is private to this user, so apt's own sandbox user could not write to it.
    ...(process.getuid?.() === 0 ? { 'APT::Sandbox::User': 'root' } : {}),
  };
  return Object.entries(settings).flatMap(([key, value]) => ['-o', `${key}=${value}`]);
}

function commandFailure(error: unknown): string {
  const stderr = (textOf(error, 'stderr') ?? '').trim();
  const command = textOf(error, 'cmd')?.split(' ', 1).join('') ?? 'a command';
  const lines = stderr.split('\n').filter((line) => /^(E|Err|dpkg)/.test(line));
  const reason = lines.length > 0 ? lines.join('\n') : stderr || reasonOf(error);
  return `${command} failed: ${reasonOf(reason)}`;
}

async function exists(file: string): Promise<boolean> {
  try {
    await access(file);
    return true;
  } catch {
    return false;
  }
}
