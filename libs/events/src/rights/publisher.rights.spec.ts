import { ContractRegistry } from '@millrace/core';
import { paidEvent } from '../contracts.fixture.js';
import { publicationRights, readingRights } from './publisher.rights.js';

const contract = new ContractRegistry().register(paidEvent('sale'));
const subjectsOf = (delayed: boolean): string[] =>
  publicationRights({ contract, delayed }).map(({ subject }) => subject);

describe('what publishing an event needs', () => {
  it('is its own subjects only, whatever the key, and to look at its stream', () => {
    expect(subjectsOf(false)).toEqual(['$JS.API.STREAM.INFO.EVENTS_sale', 'events.sale.paid.*']);
  });

  it('is, where it is delayed, to store it until it is due, and to take it back', () => {
    const more = subjectsOf(true).filter((subject) => !subjectsOf(false).includes(subject));
    expect(more).toEqual([
      '$JS.API.STREAM.INFO.MILLRACE_DELAYED',
      'delayed.pending.*',
      '$JS.API.STREAM.PURGE.MILLRACE_DELAYED',
    ]);
  });
});

describe('what reading the stored events of a context needs', () => {
  it('is to read its stream, and neither to consume nor to publish', () => {
    const rights = readingRights('sale');
    expect(rights.map(({ subject }) => subject)).toEqual([
      '$JS.API.STREAM.INFO.EVENTS_sale',
      '$JS.API.DIRECT.GET.EVENTS_sale',
    ]);
  });
});
