import { thrownBy } from '../storage.fixture.js';
import { defineBucket, BucketOptions } from './bucket.definition.js';

class Value {}
class Happened {}

describe('defineBucket', () => {
  it('records name, class and options', () => {
    const options: BucketOptions = { history: 3, ttl: '1h' };
    expect(defineBucket('user-profiles_2', Value, options)).toEqual({
      name: 'user-profiles_2',
      target: Value,
      options,
    });
  });

  it.each(['', 'a b', 'a.b', '*', '>', '-a', 'ü', 'x'.repeat(129)])('refuses the name %j', (name) => {
    expect(thrownBy(() => defineBucket(name, Value))).toMatchObject({ code: 'CONFIG_INVALID' });
  });

  it.each<BucketOptions>([
    { history: 0 },
    { history: 65 },
    { history: 1.5 },
    { ttl: 50 },
    // The ttl would drop events that are not relayed yet.
    { ttl: '1h', events: [Happened] },
  ])('refuses %j', (options) => {
    expect(thrownBy(() => defineBucket('values', Value, options))).toMatchObject({ code: 'CONFIG_INVALID' });
  });

  it('refuses a ttl that is no duration', () => {
    expect(thrownBy(() => defineBucket('values', Value, { ttl: 'soon' as never }))).toMatchObject({
      code: 'DURATION_INVALID',
    });
  });
});
