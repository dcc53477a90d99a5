import { jest } from '@jest/globals';
import { childTrace, traceIdOf, withTrace } from '@millrace/core';
import { AppLogger, logFormatOf } from './app.logger.js';
import { logFields, noteInLog, withLogFields } from './log.fields.js';

const written = (task: () => void): string => {
  const texts: string[] = [];
  const spies = [process.stdout, process.stderr].map((output) =>
    jest.spyOn(output, 'write').mockImplementation((text) => {
      texts.push(String(text));
      return true;
    }),
  );
  try {
    task();
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
  return texts.join('');
};

const trace = childTrace(undefined);
const during = (task: () => void): void => withTrace(trace, () => withLogFields({ requestId: 'r-1' }, task));

describe('AppLogger', () => {
  const json = new AppLogger({ app: 'shop', format: 'json' });

  it('writes one line of JSON that says what it is about', () => {
    const line = written(() =>
      during(() => {
        noteInLog({ orderId: 'o-1' });
        json.log('answered', { status: 200, traceId: 'not to be believed' }, 'Request');
      }),
    );
    expect(line).toMatch(/^[^\n]+\n$/);
    expect(JSON.parse(line)).toEqual({
      level: 'log',
      pid: process.pid,
      timestamp: expect.any(Number),
      message: 'answered',
      context: 'Request',
      status: 200,
      app: 'shop',
      traceId: traceIdOf(trace),
      requestId: 'r-1',
      orderId: 'o-1',
    });
  });

  it('keeps an error with its stack in one line', () => {
    const error = new Error('two\nlines');
    const line = written(() => json.error(error.message, error.stack, 'Http'));
    expect(line).toMatch(/^[^\n]+\n$/);
    expect(JSON.parse(line)).toMatchObject({ level: 'error', message: 'two\nlines', stack: error.stack });
  });

  it('writes for people where it is asked to', () => {
    const pretty = new AppLogger({ app: 'shop', format: 'pretty' });
    expect(written(() => during(() => pretty.log('paid', 'Orders')))).toMatch(
      new RegExp(`\\[shop\\].*\\[Orders\\].*traceId=${traceIdOf(trace)} requestId=r-1 .*paid`),
    );
    expect(written(() => pretty.log('paid', 'Orders'))).not.toContain('traceId');
  });

  it.each([
    [{}, 'pretty'],
    [{ NODE_ENV: 'production' }, 'json'],
    [{ NODE_ENV: 'production', LOG_FORMAT: 'pretty' }, 'pretty'],
    [{ LOG_FORMAT: 'json' }, 'json'],
  ])('takes its format from %j', (environment, format) => {
    expect(logFormatOf(environment)).toBe(format);
  });
});

describe('the fields of a line', () => {
  it('are identifiers, and nothing that stands in their place', () => {
    for (const wrong of ['ada@example.org', 'two words', 'line\nbreak', '', 'x'.repeat(65), 7, null, {}]) {
      withLogFields({}, () => {
        noteInLog({ orderId: wrong, userId: 'u-1', name: 'Ada' });
        expect(logFields()).toEqual({ userId: 'u-1' });
      });
    }
  });

  it('belong to one request, and are none outside of it', async () => {
    const seen = await Promise.all(
      ['a', 'b'].map((orderId) =>
        withLogFields({}, async () => {
          noteInLog({ orderId });
          await new Promise((resolve) => setImmediate(resolve));
          return logFields();
        }),
      ),
    );
    expect(seen).toEqual([{ orderId: 'a' }, { orderId: 'b' }]);
    noteInLog({ orderId: 'nowhere' });
    expect(logFields()).toEqual({});
  });
});
