import { Event } from '@millrace/core';
import { defineBucket } from '../bucket/bucket.definition.js';
import { bucketRights } from './bucket.rights.js';

class Sale {}

@Event('sale.made', { key: 'id' })
class SaleMade {
  id!: string;
}

const subjectsOf = (events: (typeof SaleMade)[]): string[] =>
  bucketRights(defineBucket('sales', Sale, { events })).map(({ subject }) => subject);

describe('what a bucket needs', () => {
  it('is to read, write and watch it, and nothing of others', () => {
    const subjects = subjectsOf([]);
    expect(subjects).toEqual(
      expect.arrayContaining([
        '$JS.API.STREAM.INFO.KV_sales',
        '$JS.API.DIRECT.GET.KV_sales.>',
        '$JS.API.CONSUMER.CREATE.KV_sales',
        '$KV.sales.>',
      ]),
    );
    expect(subjects.filter((subject) => !/\bKV_sales\b|^[$\w]+\.sales\./.test(subject))).toEqual([]);
    expect(subjects.filter((subject) => subject.startsWith('outbox.'))).toEqual([]);
  });

  it('is to commit the events that it declares, and no others', () => {
    const subjects = subjectsOf([SaleMade]);
    expect(subjects.filter((subject) => subject.startsWith('outbox.'))).toEqual([
      'outbox.sales.sale.made.*.*',
    ]);
    expect(subjects).toContain('$JS.API.STREAM.MSG.GET.EVENTS_sale');
    expect(subjects.filter((subject) => subject.startsWith('events.'))).toEqual([]);
  });
});
