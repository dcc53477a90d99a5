import { DeadLetterEntry, GroupState, HandledRecord, StoredEvent } from './ledger.entries.js';
import { Ledger } from './ledger.js';

const event = (sequence: number, changes: Partial<StoredEvent> = {}): StoredEvent => ({
  stream: 'EVENTS_order',
  sequence,
  subject: `events.order.created.o${sequence}`,
  type: 'order.created',
  key: `o${sequence}`,
  id: `id-${sequence}`,
  source: 'order',
  storedAt: sequence * 1000,
  onlyFor: undefined,
  ...changes,
});

const group = (changes: Partial<GroupState> = {}): GroupState => ({
  stream: 'EVENTS_order',
  consumer: changes.group ?? 'receipts',
  group: 'receipts',
  app: 'user',
  filter: 'events.order.created.*',
  start: { kind: 'beginning' },
  ackFloor: 1,
  pending: 0,
  ackPending: 0,
  ...changes,
});

const record = (sequence: number, changes: Partial<HandledRecord> = {}): HandledRecord => ({
  app: 'user',
  group: 'receipts',
  type: 'order.created',
  key: `o${sequence}`,
  stream: 'EVENTS_order',
  sequence,
  attempt: 1,
  outcome: 'ack',
  ms: 3,
  cause: undefined,
  ...changes,
});

const letter = (sequence: number): DeadLetterEntry => ({
  entry: 1,
  stream: 'EVENTS_order',
  sequence,
  subject: `events.order.created.o${sequence}`,
  group: 'receipts',
  attempts: 5,
  cause: 'boom',
});

interface Story {
  events: StoredEvent[];
  groups: GroupState[];
  records?: HandledRecord[];
  letters?: DeadLetterEntry[];
  audience?: Record<string, string[]>;
}

const ledgerOf = ({ events, groups, records = [], letters = [], audience = {} }: Story): Ledger => {
  const ledger = new Ledger({ audience, keysOf: ['order.created'] });
  for (const each of events) ledger.addEvent(each);
  for (const stream of new Set(groups.map(({ stream: name }) => name))) {
    ledger.setGroups(
      stream,
      groups.filter(({ stream: name }) => name === stream),
    );
  }
  for (const each of records) ledger.addRecord(each);
  for (const each of letters) ledger.addDeadLetter(each);
  return ledger;
};

const judge = (story: Story) => ledgerOf(story).verdict();
const reasons = (story: Story) => judge(story).open.map(({ group: name, reason }) => `${name}: ${reason}`);

describe('the ledger', () => {
  it('says yes when every group has the event settled and recorded', () => {
    const story = {
      events: [event(1)],
      groups: [group(), group({ group: 'stats' })],
      records: [record(1), record(1, { group: 'stats' })],
    };
    expect(judge(story)).toEqual({
      published: 1,
      handled: 1,
      deadLettered: 0,
      open: [],
      busy: [],
      gone: [],
      complete: true,
    });
  });

  it('says yes to an event handled at a second attempt, and to one handled twice', () => {
    const retried = [record(1, { outcome: 'retry', cause: 'once' }), record(1, { attempt: 2 })];
    expect(judge({ events: [event(1)], groups: [group()], records: retried }).complete).toBe(true);
    expect(judge({ events: [event(1)], groups: [group()], records: [record(1), record(1)] }).complete).toBe(
      true,
    );
  });

  it('says yes to an empty run', () => {
    expect(judge({ events: [], groups: [] }).complete).toBe(true);
  });

  it('counts an event once, however often it is read', () => {
    expect(judge({ events: [event(1), event(1)], groups: [group()], records: [record(1)] }).published).toBe(
      1,
    );
  });

  it('says no to an event that the server has not settled, whatever the records say', () => {
    const story = { events: [event(2)], groups: [group({ ackFloor: 1 })], records: [record(2)] };
    expect(judge(story)).toMatchObject({ handled: 0, complete: false });
    expect(reasons(story)).toEqual(['receipts: not settled on the server']);
  });

  it('says no to an event that is settled but that no record says was handled', () => {
    expect(reasons({ events: [event(1)], groups: [group()] })).toEqual([
      'receipts: settled, but no record says that it was handled',
    ]);
  });

  it('does not take the record of another group, event or stream for it', () => {
    const others = [record(1, { group: 'stats' }), record(2), record(1, { stream: 'EVENTS_user' })];
    expect(judge({ events: [event(1)], groups: [group()], records: others }).complete).toBe(false);
  });

  it('says no to an event of which every record tells of a failure', () => {
    const records = [record(1, { outcome: 'retry' })];
    expect(judge({ events: [event(1)], groups: [group()], records }).complete).toBe(false);
    const whole = [group({ filter: 'events.order.*.*' })];
    expect(judge({ events: [event(1)], groups: whole, records }).complete).toBe(false);
  });

  it('asks a group that takes a whole context for no record, only for the settlement', () => {
    const whole = group({ filter: 'events.order.*.*' });
    expect(judge({ events: [event(1)], groups: [whole] }).complete).toBe(true);
    expect(judge({ events: [event(2)], groups: [whole] }).complete).toBe(false);
  });

  it('says no when one group of several has not handled it', () => {
    const story = { events: [event(1)], groups: [group(), group({ group: 'stats' })], records: [record(1)] };
    expect(judge(story)).toMatchObject({ published: 1, handled: 0, complete: false });
  });

  it('says no to a dead letter, though the server has the event settled', () => {
    const story = { events: [event(1)], groups: [group()], records: [record(1)], letters: [letter(1)] };
    expect(judge(story)).toMatchObject({ handled: 0, deadLettered: 1, complete: false });
    expect(reasons(story)).toEqual(['receipts: dead-lettered: boom']);
  });

  it('says no to a dead letter of an event that it has not read', () => {
    expect(judge({ events: [], groups: [], letters: [letter(9)] }).complete).toBe(false);
  });

  it('says no while a group has something undelivered or unsettled', () => {
    const story = (state: Partial<GroupState>) => ({ events: [], groups: [group(state)] });
    expect(judge(story({ pending: 1 }))).toMatchObject({
      busy: ['EVENTS_order > receipts'],
      complete: false,
    });
    expect(judge(story({ ackPending: 1 })).complete).toBe(false);
  });

  it('says no when a consumer it has seen is gone, and forgives one that came back', () => {
    const ledger = ledgerOf({ events: [event(1)], groups: [group()], records: [record(1)] });
    ledger.setGroups('EVENTS_order', []);
    expect(ledger.verdict().open).toMatchObject([
      { group: 'receipts', reason: expect.stringContaining('gone') },
    ]);
    ledger.setGroups('EVENTS_order', [group()]);
    expect(ledger.verdict().complete).toBe(true);
  });

  it('says no when an app that must hear of an event has no group for it', () => {
    const audience = { 'order.created': ['user', 'order'] };
    const story = { events: [event(1)], groups: [group()], records: [record(1)], audience };
    expect(reasons(story)).toEqual(["undefined: no group of 'order' takes it"]);
    const both = [group(), group({ group: 'stats', app: 'order' })];
    const records = [record(1), record(1, { group: 'stats' })];
    expect(judge({ ...story, groups: both, records }).complete).toBe(true);
  });

  it('lets a type that has no audience pass without a group', () => {
    expect(judge({ events: [event(1)], groups: [] })).toMatchObject({ handled: 1, complete: true });
  });

  it('leaves out groups of other streams, other subjects, and such as begin later', () => {
    const others = [
      group({ group: 'a', stream: 'EVENTS_user', ackFloor: 0 }),
      group({ group: 'b', filter: 'events.order.paid.*', ackFloor: 0 }),
      group({ group: 'c', start: { kind: 'sequence', sequence: 2 }, ackFloor: 0 }),
      group({ group: 'd', start: { kind: 'time', at: 1001 }, ackFloor: 0 }),
    ];
    expect(judge({ events: [event(1)], groups: others }).open).toEqual([]);
    const beginning = [
      group({ group: 'c', start: { kind: 'sequence', sequence: 1 }, ackFloor: 0 }),
      group({ group: 'd', start: { kind: 'time', at: 1000 }, ackFloor: 0 }),
    ];
    expect(judge({ events: [event(1)], groups: beginning }).open).toHaveLength(2);
  });

  it('wants a replayed dead letter only of the group that it is for', () => {
    const groups = [group(), group({ group: 'stats' })];
    const audience = { 'order.created': ['order'] };
    const replayed = event(1, { onlyFor: 'stats' });
    expect(judge({ events: [replayed], groups, audience }).open).toMatchObject([{ group: 'stats' }]);
    const records = [record(1, { group: 'stats' })];
    expect(judge({ events: [replayed], groups, audience, records }).complete).toBe(true);
  });

  it('knows when every group has left its last record', () => {
    const groups = [group(), group({ group: 'all', filter: 'events.order.>' })];
    const ledger = ledgerOf({ events: [event(1)], groups, records: [record(1, { group: 'all' })] });
    expect(ledger.isRecorded(event(1))).toBe(false);
    ledger.addRecord(record(1, { outcome: 'retry' }));
    expect(ledger.isRecorded(event(1))).toBe(false);
    ledger.addRecord(record(1, { attempt: 2 }));
    expect(ledger.isRecorded(event(1))).toBe(true);
  });

  it('lists the keys of a type', () => {
    const ledger = ledgerOf({ events: [event(1), event(2), event(3, { type: 'order.paid' })], groups: [] });
    expect(ledger.keysOf('order.created')).toEqual(['o1', 'o2']);
    expect(ledger.countOf('order.paid')).toBe(1);
  });

  describe('in a long run', () => {
    const handledRun = (): Ledger => {
      const ledger = ledgerOf({ events: [event(1)], groups: [group()], records: [record(1)] });
      ledger.forgetHandled();
      ledger.forgetHandled();
      return ledger;
    };

    it('forgets what is handled, and counts it', () => {
      const ledger = handledRun();
      expect(ledger.size).toBe(0);
      expect(ledger.verdict()).toMatchObject({ published: 1, handled: 1, complete: true });
      expect(ledger.countOf('order.created')).toBe(1);
      expect(ledger.keysOf('order.created')).toEqual(['o1']);
    });

    it('keeps what is handled for a moment, and what is not', () => {
      const ledger = ledgerOf({ events: [event(1), event(2)], groups: [group()], records: [record(1)] });
      ledger.forgetHandled();
      expect(ledger.size).toBe(2);
      ledger.forgetHandled();
      expect(ledger.size).toBe(1);
      expect(ledger.verdict()).toMatchObject({ published: 2, handled: 1, complete: false });
    });

    it('does not take what is read again, or told of late, for something new', () => {
      const ledger = handledRun();
      ledger.addEvent(event(1));
      ledger.addRecord(record(1, { group: 'stats' }));
      expect(ledger.size).toBe(0);
      expect(ledger.recordsOf(event(1))).toEqual([]);
      expect(ledger.verdict().published).toBe(1);
    });

    it('leaves out what was there before the run', () => {
      const ledger = new Ledger();
      ledger.begin('EVENTS_order', 5);
      ledger.addEvent(event(5));
      ledger.addRecord(record(4));
      expect(ledger.recordsOf(event(4))).toEqual([]);
      ledger.addEvent(event(6));
      expect(ledger.verdict().published).toBe(1);
    });

    it('still says no to a dead letter, and to a group that is gone', () => {
      const dead = handledRun();
      dead.addDeadLetter(letter(1));
      expect(dead.verdict().complete).toBe(false);
      const gone = handledRun();
      gone.setGroups('EVENTS_order', []);
      expect(gone.verdict()).toMatchObject({ gone: ['EVENTS_order > receipts'], complete: false });
    });

    it('still says no to a group that appears later and has not settled', () => {
      const ledger = handledRun();
      ledger.setGroups('EVENTS_order', [group(), group({ group: 'stats', pending: 1 })]);
      expect(ledger.verdict()).toMatchObject({ busy: ['EVENTS_order > stats'], complete: false });
    });
  });
});
