import { type Listed, listed, startUserApp, type UserApp } from '../user.fixture.js';

let user: UserApp;
beforeAll(async () => void (user = await startUserApp()), 60_000);
afterAll(() => user?.stop());

const page = async (query: string): Promise<Listed> => {
  const answer = await user.app.request('GET', `/users?${query}`);
  expect(answer).toMatchObject({ status: 200 });
  return listed(answer);
};
const ids = ({ items }: Listed): string[] => items.map(({ id }) => id);
const register = async (...all: string[]): Promise<void> => {
  for (const id of all) await user.register(id);
};

describe('listing', () => {
  it('pages through all users in the order they registered', async () => {
    await register('a1', 'a2', 'a3', 'a4', 'a5');
    const found: string[] = [];
    for (let after: number | undefined, first = true; first || after; first = false) {
      const next: Listed = await page(after === undefined ? 'limit=2' : `limit=2&after=${after}`);
      expect(next.items.length).toBeLessThanOrEqual(2);
      found.push(...ids(next));
      after = next.nextAfter;
    }
    expect(found).toEqual(['a1', 'a2', 'a3', 'a4', 'a5']);
  });

  it('skips and repeats nobody when users come, change and leave between two pages', async () => {
    await register('b1', 'b2', 'b3', 'b4');
    const all = ids(await page('limit=200'));
    const first = await page(`limit=${all.length - 2}`);
    expect(ids(first)).toEqual(all.slice(0, -2));
    await user.app.request('DELETE', '/users/b1');
    await user.app.request('DELETE', '/users/b2');
    await user.app.request('PATCH', '/users/a1', { name: 'Somebody Else' });
    await register('b5');
    expect(ids(await page(`after=${first.nextAfter}`))).toEqual(['b3', 'b4', 'b5']);
  });

  it('has who left and came back at the end, once', async () => {
    await register('c1', 'c2');
    await user.app.request('DELETE', '/users/c1');
    await register('c1');
    const found = ids(await page('limit=200'));
    expect(found.slice(-2)).toEqual(['c2', 'c1']);
    expect(new Set(found).size).toBe(found.length);
  });

  it('gives those who registered since a time, that time included', async () => {
    await register('d1', 'd2', 'd3');
    const { body } = await user.app.request('GET', '/users/d2');
    const { registeredAt } = body as { registeredAt: string };
    const since = ids(await page(`since=${registeredAt}`));
    expect(since.slice(-2)).toEqual(['d2', 'd3']);
    const shifted = new Date(Date.parse(registeredAt) + 7_200_000).toISOString().replace('Z', '+02:00');
    expect(ids(await page(`since=${encodeURIComponent(shifted)}`))).toEqual(since);
    const first = await page(`since=${registeredAt}&limit=1`);
    expect(ids(first)).toEqual(since.slice(0, 1));
    const rest = await page(`since=${registeredAt}&after=${first.nextAfter}`);
    expect(ids(rest)).toEqual(since.slice(1));
    expect(await page('since=9999-12-31')).toEqual({ items: [] });
    expect(ids(await page('since=1066-10-14&limit=200'))).toEqual(ids(await page('limit=200')));
  });

  it.each([
    'limit=0',
    'limit=201',
    'limit=many',
    'after=0',
    'after=-1',
    'after=1.5',
    'after=1e300',
    'since=yesterday',
    'since=2026-W10-1',
    'since=',
    'offset=1',
    'sort=name',
  ])('refuses %s', async (query) => {
    expect(await user.app.request('GET', `/users?${query}`)).toMatchObject({
      status: 400,
      body: { code: 'REQUEST_INVALID' },
    });
  });

  it('ends behind the last', async () => {
    expect(await page(`after=${Number.MAX_SAFE_INTEGER}`)).toEqual({ items: [] });
  });
});
