import { PassThrough } from 'node:stream';
import { inputBar, InputPace, inputTicker, timeLeft } from './input.display.js';

const start = (make: typeof inputTicker = inputTicker) => {
  const lines: string[] = [];
  let now = 0;
  const display = make({ print: (line) => lines.push(line), size: 10_000, now: () => now });
  const pass = (ms: number, bytes: number, rows: number, skipped = 0) => {
    now += ms;
    display.update({ bytes, rows, skipped });
  };
  return { display, lines, pass };
};

describe('how far a file has been fed', () => {
  it('is a line now and then where there is no terminal', () => {
    const { lines, pass } = start();
    pass(0, 0, 0);
    pass(4999, 4000, 40);
    expect(lines).toEqual([]);
    pass(1, 5000, 50);
    expect(lines).toEqual(['50 % · 50 rows · 10 rows/s · 5 s left']);
    pass(1000, 6000, 60);
    expect(lines).toHaveLength(1);
  });

  it('does not count what an earlier run had done', () => {
    const { lines, pass } = start();
    pass(100, 4000, 40, 40);
    pass(10_000, 5000, 50, 40);
    expect(lines).toEqual(['50 % · 50 rows · 1 rows/s · 50 s left']);
  });

  it('is not known before anything is done', () => {
    const pace = new InputPace({ size: 10, now: () => 1 });
    expect(pace.of({ bytes: 0, rows: 0, skipped: 0 })).toEqual({ rowsPerSecond: 0, leftMs: undefined });
  });

  it('is a bar on a terminal, which lines do not break', () => {
    const stream = Object.assign(new PassThrough(), { isTTY: true, columns: 200, cursorTo: () => true });
    let text = '';
    stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
    const { display, lines, pass } = start((options) => inputBar(stream, options));
    pass(1000, 0, 0);
    pass(1000, 5000, 50);
    display.print('line 7 is left out');
    display.stop();
    expect(lines).toEqual(['line 7 is left out']);
    expect(text).toContain('50 % · 50 rows · 50 rows/s · 1 s left');
  });

  it.each([
    [undefined, '?'],
    [0, '0 s'],
    [40_001, '41 s'],
    [200_000, '3 min 20 s'],
    [3_720_000, '1 h 02 min'],
  ])('takes %s ms as %s', (ms, text) => expect(timeLeft(ms)).toBe(text));
});
