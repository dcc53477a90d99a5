import { IsEmail, IsString } from 'class-validator';
import { NatsServer, startNatsServer } from '@millrace/nats-server';
import { Encrypted, EncryptionKey, Event, staticKeys } from '@millrace/core';
import { allDeadLetters, closeApps, startApp, until } from './app.fixture.js';

@Event('sealed.sent', { key: 'id' })
class Sent {
  @IsString()
  id!: string;

  @IsEmail({}, { message: '$value is no address' })
  @Encrypted()
  email!: string;
}

const SECRET = 'ann@example.org';
const key = (id: string, fill: number): EncryptionKey => ({ id, secret: Buffer.alloc(32, fill) });
const sent = (email = SECRET): Sent => Object.assign(new Sent(), { id: 'a b', email });

describe('an event with a protected property', () => {
  let server: NatsServer;
  beforeAll(async () => {
    server = await startNatsServer();
  });
  afterEach(closeApps);
  afterAll(() => server.stop());

  it('is plain to handlers and sealed on the server', async () => {
    const { bus, connection } = await startApp({
      url: server.url,
      nats: { encryption: { keys: staticKeys([key('k1', 1)]) } },
    });
    const received: unknown[] = [];
    await bus.subscribe(Sent, (event) => void received.push(event), { group: 'reads' });
    const { sequence } = await bus.publish(sent());
    await until('it was received', () => received.length > 0);
    expect(received).toEqual([sent()]);
    const stored = await connection.jsm.streams.getMessage('EVENTS_sealed', { seq: sequence });
    expect(stored?.json()).toMatchObject({ id: 'a b', email: { $encrypted: 'A256GCM', kid: 'k1' } });
    expect(stored?.string()).not.toContain('example');
  });

  it('goes to the dead letters as it was stored where its key is missing', async () => {
    const publisher = await startApp({
      url: server.url,
      nats: { encryption: { keys: staticKeys([key('k1', 1)]) } },
    });
    const { bus, deadLetters } = await startApp({
      url: server.url,
      name: 'other',
      nats: { encryption: { keys: staticKeys([key('k2', 2)]) } },
    });
    await bus.subscribe(Sent, () => undefined, { group: 'lacks' });
    await publisher.bus.publish(sent());
    await until('it is dead', async () => (await allDeadLetters(deadLetters)).length > 0);
    const [letter] = await allDeadLetters(deadLetters);
    expect(letter?.cause).toMatchObject({ code: 'KEY_UNKNOWN' });
    expect(new TextDecoder().decode(letter?.body)).not.toContain('example');
  });

  it('that is invalid leaves its value in no error and no dead letter header', async () => {
    const { bus, deadLetters, connection } = await startApp({
      url: server.url,
      nats: { encryption: { keys: staticKeys([key('k1', 1)]) } },
    });
    const refusal: unknown = await bus.publish(sent('no-address')).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: 'EVENT_INVALID' });
    expect(JSON.stringify([refusal, (refusal as Error).message])).not.toContain('no-address');
    await bus.subscribe(Sent, () => undefined, { group: 'refuses', from: 'new' });
    // A client that knows nothing of the protection: what it stored in the clear stays so, in the body alone.
    await connection.js.publish('events.sealed.sent.k', JSON.stringify({ id: 'k', email: 'no-address' }));
    const isOurs = ({ group }: { group: string }): boolean => group === 'refuses';
    await until('it is dead', async () => (await allDeadLetters(deadLetters)).some(isOurs));
    const letter = (await allDeadLetters(deadLetters)).find(isOurs);
    expect(letter?.cause).toMatchObject({ code: 'EVENT_INVALID', message: expect.stringContaining('email') });
    expect(JSON.stringify(letter?.cause)).not.toContain('no-address');
  });
});
