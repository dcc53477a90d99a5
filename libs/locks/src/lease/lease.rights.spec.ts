import { lockRights } from './lease.rights.js';

it('locks need their own bucket and nothing else', () => {
  const subjects = lockRights('locks').map(({ subject }) => subject);
  expect(subjects).toEqual(
    expect.arrayContaining([
      '$JS.API.STREAM.INFO.KV_locks',
      '$JS.API.CONSUMER.CREATE.KV_locks',
      '$KV.locks.>',
    ]),
  );
  expect(subjects.filter((subject) => !/KV_locks|^\$KV\.locks\.>$/.test(subject))).toEqual([]);
});
