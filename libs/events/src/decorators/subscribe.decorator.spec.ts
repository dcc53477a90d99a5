import 'reflect-metadata';
import { paidEvent, refundedEvent } from '../contracts.fixture.js';
import { Context, eventParams } from './handler-params.js';
import { readSubscribeMetadata, Subscribe } from './subscribe.decorator.js';

const Paid = paidEvent('decorated');
const Refunded = refundedEvent('decorated');

class Subject {
  @Subscribe(Paid)
  plain(): void {}

  @Subscribe(Paid, { group: 'one' })
  @Subscribe(Refunded, { group: 'two' })
  twice(_event: unknown, @Context() _message: unknown): void {}

  @Subscribe('decorated.*')
  messageOnly(@Context() _message: unknown): void {}

  bystander(): void {}
}

const recorded = (method: keyof Subject): unknown =>
  readSubscribeMetadata(Reflect.get(Subject.prototype, method));

const paramsOf = (method: keyof Subject): string[] =>
  Object.keys(Reflect.getMetadata(eventParams.key, Subject, method) as object).sort((a, b) =>
    a.localeCompare(b),
  );

describe('@Subscribe', () => {
  it('records its target and its options, for each time it stands on a method', () => {
    expect(recorded('plain')).toEqual([{ target: Paid, options: {} }]);
    expect(recorded('twice')).toEqual([
      { target: Refunded, options: { group: 'two' } },
      { target: Paid, options: { group: 'one' } },
    ]);
    expect(recorded('bystander')).toEqual([]);
  });

  it('gives the first parameter the event, unless it asked for the message', () => {
    expect(paramsOf('plain')).toEqual(['0:0']);
    expect(paramsOf('twice')).toEqual(['0:0', '1:1']);
    expect(paramsOf('messageOnly')).toEqual(['1:0']);
    expect(
      [0, 1].map((kind) => eventParams.factory.exchangeKeyForValue(kind, undefined, ['event', 'message'])),
    ).toEqual(['event', 'message']);
  });
});
