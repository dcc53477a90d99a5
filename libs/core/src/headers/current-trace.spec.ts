import { setImmediate } from 'node:timers/promises';
import { currentTrace, withTrace } from './current-trace.js';

describe('withTrace', () => {
  it('holds for all that the task does, and for nothing beside it', async () => {
    const seen = await Promise.all(
      ['a', 'b', undefined].map((trace) =>
        withTrace(trace, async () => {
          await setImmediate();
          return currentTrace();
        }),
      ),
    );
    expect(seen).toEqual(['a', 'b', undefined]);
    expect(currentTrace()).toBeUndefined();
  });

  it('finds the trace only when something asks for it', () => {
    let asked = 0;
    const source = (): string => `trace ${++asked}`;
    expect(withTrace(source, () => 'nothing')).toBe('nothing');
    expect(asked).toBe(0);
    expect(withTrace(source, currentTrace)).toBe('trace 1');
  });

  it('takes a task out of the trace around it', () => {
    expect(withTrace('outer', () => withTrace(undefined, currentTrace))).toBeUndefined();
  });
});
