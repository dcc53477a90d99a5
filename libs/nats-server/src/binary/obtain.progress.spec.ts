import { createProgressPrinter } from './obtain.progress.js';

function capture(isTTY: boolean) {
  const written: string[] = [];
  let clock = 0;
  const stream = { isTTY, write: (text: string) => written.push(text) };
  const print = createProgressPrinter(stream, () => clock);
  return { written, print, tick: (ms: number) => (clock += ms) };
}

const bytes = (receivedBytes: number) => ({
  way: 'release',
  message: 'downloading',
  receivedBytes,
  totalBytes: 8_000_000,
});

describe('createProgressPrinter', () => {
  it('writes a plain line per step and per quarter', () => {
    const { written, print } = capture(false);
    print({ way: 'release', message: 'connecting' });
    for (let received = 0; received <= 8_000_000; received += 500_000) print(bytes(received));
    expect(written).toEqual([
      'nats-server, release: connecting\n',
      'nats-server, release: downloading 0 % of 8.0 MB\n',
      'nats-server, release: downloading 25 % of 8.0 MB\n',
      'nats-server, release: downloading 50 % of 8.0 MB\n',
      'nats-server, release: downloading 75 % of 8.0 MB\n',
      'nats-server, release: downloading 100 % of 8.0 MB\n',
    ]);
  });

  it('redraws one line on a terminal, not more often than ten times a second', () => {
    const { written, print, tick } = capture(true);
    print(bytes(0));
    print(bytes(1_000_000));
    tick(150);
    print(bytes(2_000_000));
    print(bytes(8_000_000));
    expect(written.join('')).toBe(
      '\r\u001b[2Knats-server, release: downloading 0 % of 8.0 MB' +
        '\r\u001b[2Knats-server, release: downloading 25 % of 8.0 MB' +
        '\r\u001b[2Knats-server, release: downloading 100 % of 8.0 MB\n',
    );
  });

  it('shows what it knows when the length is unknown', () => {
    const { written, print } = capture(false);
    print({ way: 'release', message: 'downloading', receivedBytes: 1_500_000 });
    expect(written).toEqual(['nats-server, release: downloading 1.5 MB\n']);
  });
});
