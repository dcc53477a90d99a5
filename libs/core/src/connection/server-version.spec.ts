import { thrownBy } from '../thrown.fixture.js';
import { assertServerVersion, isAtLeast } from './server-version.js';

it.each(['2.12.0', '2.12.0-RC.1', '2.15.1', 'v2.14.2', '3.0.0', '2.100'])('takes %s', (version) => {
  expect(() => assertServerVersion(version)).not.toThrow();
});

it.each(['2.11.9', '2.9.10', '1.99.0', '0.0.0', '', 'unknown', '2'])('refuses %j', (version) => {
  const error = thrownBy(() => assertServerVersion(version));
  expect(error).toMatchObject({ code: 'SERVER_TOO_OLD', details: { version, minimum: '2.12.0' } });
  expect(String(error)).toContain('Upgrade it to 2.12.0 or newer');
});

it('compares numbers, not text', () => {
  expect([isAtLeast('2.9.0', '2.12.0'), isAtLeast('2.100.0', '2.12.0')]).toEqual([false, true]);
});
