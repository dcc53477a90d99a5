import { generatedUser } from './generated-user.js';

describe('generatedUser', () => {
  it('is the same one for the same key, and another for another', () => {
    const users = Array.from({ length: 1000 }, (_, at) => generatedUser(`timer@${at}`));
    expect(new Set(users.map(({ id }) => id)).size).toBe(1000);
    expect(generatedUser('timer@7')).toEqual(users[7]);
  });

  it('has a name of two words, and an id that fits', () => {
    for (const { id, name } of ['', 'a', 'user-timer-registration:timer@2026-01-02T03:04:05.000Z'].map(
      generatedUser,
    )) {
      expect(name).toMatch(/^\w+ \w+$/);
      expect(id).toMatch(/^timer-[0-9a-f]{20}$/);
    }
  });
});
