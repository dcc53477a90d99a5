import { Cleanup } from './cleanup.js';

describe('the cleanup', () => {
  it('undoes in reverse order, goes on after a failure and tells of it', async () => {
    const done: string[] = [];
    const cleanup = new Cleanup();
    cleanup.add(() => done.push('first'));
    cleanup.add(() => Promise.reject(new Error('stuck')));
    cleanup.add(() => done.push('last'));
    expect(await cleanup.run()).toEqual(['stuck']);
    expect(done).toEqual(['last', 'first']);
    expect(await cleanup.run()).toEqual([]);
  });
});
