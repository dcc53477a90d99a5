import {
  compareVersions,
  formatVersion,
  isSupported,
  parseVersion,
  parseVersionOutput,
} from './server-version.parser.js';

const version = (text: string) => parseVersion(text)!;

describe('server version', () => {
  it.each([
    ['nats-server: v2.15.1\n', '2.15.1'],
    ['nats-server: v2.14.0-RC.2', '2.14.0-RC.2'],
    ['nats-server: 2.9.10', '2.9.10'],
    ['warning: something\nnats-server: v2.16.3', '2.16.3'],
  ])('reads %j', (output, expected) => {
    expect(formatVersion(parseVersionOutput(output)!)).toBe(expected);
  });

  it.each(['', 'nginx version: 1.2.3', 'nats-server: dev', 'v2.15.1'])('refuses %j', (output) => {
    expect(parseVersionOutput(output)).toBeUndefined();
  });

  it('orders by number, and a pre-release before its release', () => {
    const sorted = ['2.15.0', '2.9.10', '2.15.0-RC.10', '2.15.0-RC.2', '2.14.11']
      .map(version)
      .sort(compareVersions);
    expect(sorted.map(formatVersion)).toEqual(['2.9.10', '2.14.11', '2.15.0-RC.2', '2.15.0-RC.10', '2.15.0']);
  });

  it('supports 2.14 and newer', () => {
    expect(['2.13.9', '2.14.0-RC.1', '2.9.99', '1.99.0'].map(version).some(isSupported)).toBe(false);
    expect(['2.14.0', '2.15.1', '3.0.0'].map(version).every(isSupported)).toBe(true);
  });
});
