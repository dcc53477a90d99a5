import { findEventContract } from '@millrace/core';
import * as contracts from '@millrace/contracts';
import { AUDIENCE } from './apps.js';

/** Events that no app has to react to, and why. */
const HEARD_BY_NOBODY: Readonly<Record<string, string>> = {
  'schedule.due': 'it is for whoever made the schedule over the API of the scheduler',
};

/** The type of every event contract there is. */
const TYPES: readonly string[] = Object.values(contracts).flatMap((exported) => {
  const contract = typeof exported === 'function' ? findEventContract(exported) : undefined;
  return contract ? [contract.type] : [];
});

describe('the audience of events', () => {
  it('finds the contracts', () => expect(TYPES).toContain('order.created'));

  it.each(TYPES)('%s has one, or a reason to have none', (type) => {
    const places = [AUDIENCE, HEARD_BY_NOBODY].filter((place) => Object.hasOwn(place, type));
    expect(places).toHaveLength(1);
  });

  it.each(Object.keys({ ...AUDIENCE, ...HEARD_BY_NOBODY }))('%s is an event that there is', (type) => {
    expect(TYPES).toContain(type);
  });
});
