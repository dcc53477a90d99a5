import { ApiClient } from '../traffic/api.client.js';

const AT_ONCE = 8;
const PAGE = 200;

/** How many notifications the user app has for those of these users who are still registered. */
export const countNotifications = async (
  api: Pick<ApiClient, 'get'>,
  userIds: readonly string[],
): Promise<number> => {
  const waiting = [...new Set(userIds)];
  const work = async (): Promise<number> => {
    let count = 0;
    for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) count += await countOf(api, id);
    return count;
  };
  const counts = await Promise.all(Array.from({ length: AT_ONCE }, work));
  return counts.reduce((sum, count) => sum + count, 0);
};

const countOf = async (api: Pick<ApiClient, 'get'>, userId: string): Promise<number> => {
  let count = 0;
  for (let offset: number | undefined = 0; offset !== undefined;) {
    const path: string = `/users/${encodeURIComponent(userId)}/notifications?limit=${PAGE}&offset=${offset}`;
    const { status, body } = await api.get(path);
    // Whoever has left keeps none.
    if (status === 404) return 0;
    if (status !== 200) throw new Error(`GET ${path} was answered ${status}: ${JSON.stringify(body)}`);
    const { items, nextOffset } = body as { items: unknown[]; nextOffset?: number };
    count += items.length;
    offset = nextOffset;
  }
  return count;
};
