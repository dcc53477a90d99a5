import { Interrupts } from './interrupts.js';

describe('interrupts', () => {
  const start = () => {
    const forced: string[] = [];
    return { interrupts: new Interrupts(() => forced.push('forced')), forced };
  };

  it('ask for a clean end at first', () => {
    const { interrupts, forced } = start();
    expect(interrupts.stop.aborted).toBe(false);
    interrupts.request('SIGINT', 1000);
    expect(interrupts.stop.aborted).toBe(true);
    expect(forced).toEqual([]);
  });

  it('take the echo of a signal for the same one', () => {
    const { interrupts, forced } = start();
    interrupts.request('SIGINT', 1000);
    interrupts.request('SIGINT', 1002);
    expect(forced).toEqual([]);
  });

  it('force the end when they come again', () => {
    const { interrupts, forced } = start();
    interrupts.request('SIGINT', 1000);
    interrupts.request('SIGTERM', 1600);
    expect(forced).toEqual(['forced']);
  });
});
