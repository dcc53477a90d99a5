import { execFile } from 'node:child_process';
import { reasonOf, systemCodeOf } from '../nats-server.error.js';
import {
  MINIMUM_VERSION,
  type ServerVersion,
  formatVersion,
  isSupported,
  parseVersionOutput,
} from './server-version.parser.js';

/** What a candidate binary answered to `--version`. */
export type ProbeOutcome =
  | { readonly kind: 'usable'; readonly version: ServerVersion }
  | { readonly kind: 'too-old'; readonly version: ServerVersion; readonly answer: string }
  | { readonly kind: 'absent'; readonly answer: string }
  | { readonly kind: 'broken'; readonly answer: string };

const PROBE_TIMEOUT_MS = 10_000;

/** Runs `<path> --version` and judges the answer; never rejects. */
export async function probeBinary(path: string): Promise<ProbeOutcome> {
  let output: string;
  try {
    output = await run(path);
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return { kind: 'absent', answer: `no file at ${path}` };
    return { kind: 'broken', answer: `${path} does not run: ${reasonOf(error)}` };
  }
  const version = parseVersionOutput(output);
  if (!version)
    return { kind: 'broken', answer: `${path} is not a nats-server: it printed '${output.trim()}'` };
  if (isSupported(version)) return { kind: 'usable', version };
  const answer = `${path} is ${formatVersion(version)}, older than ${formatVersion(MINIMUM_VERSION)}`;
  return { kind: 'too-old', version, answer };
}

function run(path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { timeout: PROBE_TIMEOUT_MS, windowsHide: true, maxBuffer: 64 * 1024 };
    execFile(path, ['--version'], options, (error, stdout) => {
      if (error) reject(error);
      else resolve(stdout);
    });
  });
}
