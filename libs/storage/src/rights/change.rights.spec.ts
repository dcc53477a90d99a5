import { OnChangeOptions, resolveChangeOptions } from '../changes/change.options.js';
import { changeRights } from './change.rights.js';

const subjectsOf = (options: OnChangeOptions = {}): string[] =>
  changeRights({
    app: 'shop',
    bucket: 'sales',
    filter: '$KV.sales.>',
    options: resolveChangeOptions(options, 'ledger'),
  }).map(({ subject }) => subject);
const without = (these: readonly string[], those: readonly string[]): string[] =>
  these.filter((subject) => !those.includes(subject));

describe('what a change handler needs', () => {
  it('is to take what its group gets, also what is replayed to it, and to store its dead letters', () => {
    const subjects = subjectsOf();
    expect(subjects).toEqual(
      expect.arrayContaining([
        '$JS.API.STREAM.INFO.KV_sales',
        '$JS.API.CONSUMER.MSG.NEXT.KV_sales.ledger',
        '$JS.ACK.KV_sales.ledger.>',
        '$JS.API.CONSUMER.MSG.NEXT.KV_sales.ledger-replay',
        '$JS.ACK.KV_sales.ledger-replay.>',
        '$JS.API.STREAM.PURGE.KV_sales',
        'dead.kv.sales.ledger.*',
      ]),
    );
  });

  it('is neither to write the bucket, nor to make consumers, nor to take what other groups get', () => {
    const subjects = subjectsOf();
    expect(subjects).not.toContain('>');
    expect(subjects.filter((subject) => /^\$KV\.|CONSUMER\.(CREATE|DELETE)/.test(subject))).toEqual([]);
    const taken = subjects.filter((subject) => /MSG\.NEXT|^\$JS\.ACK/.test(subject));
    expect(taken.filter((subject) => !/\.KV_sales\.ledger(-replay)?(\.>)?$/.test(subject))).toEqual([]);
  });

  it('is, where each replica gets every change, to make consumers of what it wants of the bucket', () => {
    const subjects = subjectsOf({ mode: 'broadcast' });
    expect(subjects).toContain('$JS.API.CONSUMER.CREATE.KV_sales.*.$KV.sales.>');
    expect(subjects).not.toContain('$JS.API.CONSUMER.CREATE.KV_sales');
  });

  it('is to note what it has handled, and how fast, only where that is asked for', () => {
    const plain = subjectsOf({ idempotent: false });
    const once = without(subjectsOf({ idempotent: true }), plain);
    expect(once).toContain('millrace.inbox.KV_sales.ledger.*');
    const slowly = without(subjectsOf({ idempotent: false, rateLimit: { count: 5, per: '1s' } }), plain);
    expect(slowly).toEqual([expect.stringMatching(/\.rate\.shop\.KV_sales\.ledger$/)]);
  });
});
