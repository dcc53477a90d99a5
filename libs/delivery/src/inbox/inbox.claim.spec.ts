import { FakeClock } from '../clock.fixture.js';
import { StateWrite } from '../state/state.store.js';
import { InboxClaim } from './inbox.claim.js';
import { InboxEntry, readEntry } from './inbox.entry.js';
import { InboxEntries } from './inbox.store.js';

const SUBJECT = 'millrace.inbox.S.g.a';
const encoder = new TextEncoder();

/** One entry, as the server keeps it. */
class OneEntry implements InboxEntries {
  sequence = 0;
  ttlMs = 0;
  private body = '';
  private last = 0;
  /** The next write is stored, and sent again because its answer was lost. */
  losing = false;

  write({ body, ttlMs, expected }: StateWrite): Promise<number | undefined> {
    if (expected !== undefined && expected !== this.sequence) return Promise.resolve(undefined);
    this.put(new TextDecoder().decode(body));
    this.ttlMs = ttlMs;
    const lost = this.losing;
    this.losing = false;
    return Promise.resolve(lost ? undefined : this.sequence);
  }

  read(): Promise<InboxEntry | undefined> {
    return Promise.resolve(
      this.sequence === 0 ? undefined : readEntry({ data: encoder.encode(this.body), seq: this.sequence }),
    );
  }

  remove(sequence: number): Promise<void> {
    if (sequence === this.sequence) this.expire();
    return Promise.resolve();
  }

  put(body: string): void {
    this.body = body;
    this.sequence = ++this.last;
  }

  expire(): void {
    this.sequence = 0;
  }
}

const flush = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('a claim', () => {
  let entry: OneEntry;
  let lost: number;
  let claim: InboxClaim;

  beforeEach(() => {
    entry = new OneEntry();
    entry.put('{"claim":"mine"}');
    lost = 0;
    claim = new InboxClaim(
      {
        store: entry,
        clock: new FakeClock(),
        subject: SUBJECT,
        id: 'mine',
        ttlMs: 2000,
        onLost: () => lost++,
        onTrouble: () => undefined,
      },
      entry.sequence,
    );
  });

  it('is extended, and becomes a mark', async () => {
    claim.extend();
    await flush();
    expect([entry.sequence, entry.ttlMs]).toEqual([2, 2000]);
    await claim.handled(60_000);
    expect([await entry.read(), entry.ttlMs]).toEqual([{ kind: 'handled' }, 60_000]);
    expect(lost).toBe(0);
  });

  it('is its own where the answer to its extension was lost', async () => {
    entry.losing = true;
    claim.extend();
    await flush();
    expect(lost).toBe(0);
    await claim.release();
    expect(await entry.read()).toBeUndefined();
  });

  it('is lost where another has it, and leaves that one its own when it is released', async () => {
    entry.put('{"claim":"theirs"}');
    claim.extend();
    await flush();
    expect(lost).toBe(1);
    await claim.release();
    expect(await entry.read()).toMatchObject({ claim: 'theirs' });
  });

  it('is lost where it ended', async () => {
    entry.expire();
    claim.extend();
    await flush();
    expect(lost).toBe(1);
  });

  it('that was lost becomes a mark all the same: the message has been handled here', async () => {
    entry.put('{"claim":"theirs"}');
    await claim.handled(60_000);
    expect(await entry.read()).toEqual({ kind: 'handled' });
  });

  it('is not extended once it has ended', async () => {
    const released = claim.release();
    claim.extend();
    await released;
    await flush();
    expect(await entry.read()).toBeUndefined();
    expect(lost).toBe(0);
  });
});

it.each(['', 'x', '[]', '{}', '{"claim":1}', '{"handled":"yes"}'])(
  'an entry of somebody else (%j) counts as a claim that nobody here has',
  (body) =>
    expect(readEntry({ data: encoder.encode(body), seq: 7 })).toEqual({
      kind: 'claimed',
      claim: '',
      sequence: 7,
    }),
);
