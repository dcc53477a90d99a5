import { setTimeout as delay } from 'node:timers/promises';
import { ApiAnswer } from '../traffic/api.client.js';
import { countNotifications } from './notification.count.js';

describe('the count of notifications', () => {
  const api = (counts: Record<string, number>) => ({
    get: async (path: string): Promise<ApiAnswer> => {
      const url = new URL(path, 'http://user');
      const userId = decodeURIComponent(url.pathname.split('/')[2] ?? '');
      const [limit, offset] = ['limit', 'offset'].map((name) => Number(url.searchParams.get(name))) as [
        number,
        number,
      ];
      await delay(Math.random() * 5);
      const total = counts[userId];
      if (total === undefined) return { status: 404, body: { code: 'USER_UNKNOWN' } };
      const items = Array.from({ length: Math.min(limit, total - offset) }, () => ({}));
      return {
        status: 200,
        body: { items, ...(offset + limit < total ? { nextOffset: offset + limit } : {}) },
      };
    },
  });

  it('adds up all users and all pages', async () => {
    const counts = Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`user ${at}/x`, at * 50]));
    expect(await countNotifications(api(counts), Object.keys(counts))).toBe(9500);
  });

  it('counts a user once', async () => {
    expect(await countNotifications(api({ ann: 3 }), ['ann', 'ann'])).toBe(3);
  });

  it('counts nothing of who has left', async () => {
    expect(await countNotifications(api({ ann: 3 }), ['ann', 'bob'])).toBe(3);
  });

  it('fails where the app does not answer', async () => {
    const away = {
      get: async (): Promise<ApiAnswer> => ({ status: 503, body: { code: 'STORAGE_UNAVAILABLE' } }),
    };
    await expect(countNotifications(away, ['ann'])).rejects.toThrow(/503.*STORAGE_UNAVAILABLE/);
  });
});
