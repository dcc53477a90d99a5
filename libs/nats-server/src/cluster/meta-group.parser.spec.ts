import { type MetaGroup, parseMetaGroup, unreadyReason } from './meta-group.parser.js';

const follower = (leader = 'a', size = 3): MetaGroup => ({ leader, size, replicas: [] });
const leading = (...current: string[]): MetaGroup => ({
  leader: 'a',
  size: 3,
  replicas: ['b', 'c'].map((name) => ({ name, current: current.includes(name) })),
});

describe('meta group', () => {
  it('reads the view of a leader', () => {
    const body = {
      meta_cluster: {
        leader: 'a',
        cluster_size: 3,
        replicas: [{ name: 'b', current: true }, { name: 'c', current: true, offline: true }, { strange: 1 }],
      },
    };
    expect(parseMetaGroup(body)).toEqual({
      leader: 'a',
      size: 3,
      replicas: [
        { name: 'b', current: true },
        { name: 'c', current: false },
      ],
    });
  });

  it.each([
    undefined,
    {},
    { meta_cluster: { cluster_size: 3 } },
    { meta_cluster: { leader: '', cluster_size: 3 } },
  ])('knows no leader in %j', (body) => {
    expect(parseMetaGroup(body)).toBeUndefined();
  });

  it('is ready when all agree and are current', () => {
    const views = new Map([
      ['a', leading('b', 'c')],
      ['b', follower()],
      ['c', follower()],
    ]);
    expect(unreadyReason(3, views)).toBeUndefined();
  });

  it('needs only the running servers to be current', () => {
    expect(
      unreadyReason(
        3,
        new Map([
          ['a', leading('b')],
          ['b', follower()],
        ]),
      ),
    ).toBeUndefined();
  });

  it.each([
    [
      new Map([
        ['a', leading('b', 'c')],
        ['b', undefined],
      ]),
      'b to know a meta leader',
    ],
    [
      new Map([
        ['a', leading('b', 'c')],
        ['b', follower('b')],
      ]),
      'the servers to agree on a meta leader',
    ],
    [
      new Map([
        ['b', follower()],
        ['c', follower()],
      ]),
      'the meta leader a to run',
    ],
    [
      new Map([
        ['a', leading('b')],
        ['b', follower()],
        ['c', follower()],
      ]),
      'c to be current',
    ],
    [new Map([['a', leading('b', 'c')]]), 'a majority of 3 servers to run, 1 do'],
    [
      new Map([
        ['a', { ...leading('b'), size: 2 }],
        ['b', follower()],
      ]),
      'a to see 3 servers, it sees 2',
    ],
  ])('says what it waits for', (views: Map<string, MetaGroup | undefined>, reason) => {
    expect(unreadyReason(3, views)).toBe(reason);
  });
});
