import { randomHex, randomUuid } from './random-id.js';

const COUNT = 5000;
const many = (draw: () => string): string[] => Array.from({ length: COUNT }, draw);

it('gives UUIDs of version 4, none twice', () => {
  const ids = many(randomUuid);
  expect(new Set(ids).size).toBe(COUNT);
  for (const id of ids) {
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  }
});

it('uses every digit in every place', () => {
  const ids = many(randomUuid);
  for (let place = 0; place < 36; place++) {
    const digits = new Set(ids.map((id) => id[place]));
    expect(digits.size).toBe([8, 13, 18, 23, 14].includes(place) ? 1 : place === 19 ? 4 : 16);
  }
});

it('gives hexadecimal digits, none twice', () => {
  const drawn = many(() => randomHex(12));
  expect(new Set(drawn).size).toBe(COUNT);
  for (const digits of drawn) expect(digits).toMatch(/^[0-9a-f]{24}$/);
});
