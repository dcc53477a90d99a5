import { ApiClient } from '../traffic/api.client.js';

const AT_ONCE = 8;
const PAGE = 200;

/** How many notifications the user app has for these users. */
export const countNotifications = async (api: ApiClient, userIds: readonly string[]): Promise<number> => {
  const waiting = [...new Set(userIds)];
  let total = 0;
  const work = async (): Promise<void> => {
    for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) total += await countOf(api, id);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return total;
};

const countOf = async (api: ApiClient, userId: string): Promise<number> => {
  let count = 0;
  for (let offset: number | undefined = 0; offset !== undefined;) {
    const path: string = `/users/${encodeURIComponent(userId)}/notifications?limit=${PAGE}&offset=${offset}`;
    const { status, body } = await api.get(path);
    if (status !== 200) throw new Error(`GET ${path} was answered ${status}: ${JSON.stringify(body)}`);
    const { items, nextOffset } = body as { items: unknown[]; nextOffset?: number };
    count += items.length;
    offset = nextOffset;
  }
  return count;
};
