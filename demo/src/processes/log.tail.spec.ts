import { LogTail } from './log.tail.js';

describe('the tail of a log', () => {
  it('puts lines together from pieces and tells each once', () => {
    const lines: string[] = [];
    const tail = new LogTail((line) => lines.push(line));
    for (const chunk of ['fir', 'st\nsec', 'ond\n', 'unfinished']) tail.add(chunk);
    expect(lines).toEqual(['first', 'second']);
    expect(tail.last()).toEqual(['first', 'second', 'unfinished']);
  });

  it('remembers the last lines only', () => {
    const tail = new LogTail(() => undefined, 2);
    tail.add('a\nb\nc\n');
    expect(tail.last()).toEqual(['b', 'c']);
  });
});
