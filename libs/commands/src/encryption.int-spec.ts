import { Injectable } from '@nestjs/common';
import { IsEmail, IsString } from 'class-validator';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect, NatsConnection } from '@nats-io/transport-node';
import { staticKeys } from '@millrace/core';
import { NatsServer, startNatsServer } from '@millrace/nats-server';
import { AppSetup, closeApps, startApp } from './commands.fixture.js';
import { Command, Encrypted, HandleCommand, Replying } from './index.js';

const EMAIL = 'ada.lovelace@example.org';
const NUMBER = '+43 1 5880';

class Reached {
  @IsString() @Encrypted() number!: string;
  @IsString() of!: string;
}

@Command('phone.find', { reply: Reached, timeout: '5s' })
class FindNumber extends Replying<Reached> {
  @IsEmail() @Encrypted() email!: string;
  @IsString() why = 'to call';
}

const find = (): FindNumber => Object.assign(new FindNumber(), { email: EMAIL });

@Injectable()
class Phonebook {
  readonly asked: string[] = [];

  @HandleCommand(FindNumber, { durable: true })
  find({ email }: FindNumber): Reached {
    this.asked.push(email);
    return { number: NUMBER, of: 'Ada' };
  }
}

let server: NatsServer;
let spy: NatsConnection;

beforeAll(async () => {
  server = await startNatsServer();
  spy = await connect({ servers: server.url });
});
afterEach(closeApps, 20_000);
afterAll(async () => {
  await spy?.close();
  await server?.stop();
});

const setup = (fill = 1): AppSetup => ({
  url: server.url,
  nats: { encryption: { keys: staticKeys([{ id: 'k1', secret: Buffer.alloc(32, fill) }]) } },
});

/** What goes over the wire meanwhile. */
const overheard = async (task: () => Promise<void>): Promise<string> => {
  const seen: string[] = [];
  const note = (message: { string(): string }): void => void seen.push(message.string());
  const subjects = ['commands.>', '_INBOX.>'];
  const ears = subjects.map((subject) =>
    spy.subscribe(subject, { callback: (_error, heard) => note(heard) }),
  );
  await spy.flush();
  await task();
  await spy.flush();
  // One who listens to inboxes for longer keeps the requests of those who left alive.
  for (const ear of ears) ear.unsubscribe();
  return seen.join('\n');
};

/** All that the server's streams hold. */
const stored = async (): Promise<string> => {
  const jsm = await jetstreamManager(spy);
  const texts: string[] = [];
  for await (const { config, state } of jsm.streams.list()) {
    for (let seq = Math.max(1, state.first_seq); seq <= state.last_seq; seq++) {
      const message = await jsm.streams.getMessage(config.name, { seq });
      if (message) texts.push(`${message.subject} ${message.string()}`);
    }
  }
  return texts.join('\n');
};

const expectNothingReadable = (text: string): void => {
  expect(text).toContain('"$encrypted"');
  expect(text).not.toContain(EMAIL);
  expect(text).not.toContain(NUMBER);
};

describe('what is under @Encrypted', () => {
  it('is plain for the handler and the caller, and encrypted in between', async () => {
    const { app, bus } = await startApp({ ...setup(), providers: [Phonebook] });
    const heard = await overheard(async () => {
      expect(await bus.execute(find())).toEqual({ number: NUMBER, of: 'Ada' });
    });
    expect(app.get(Phonebook).asked).toEqual([EMAIL]);
    expect(heard).toContain('"why":"to call"');
    expect(heard).toContain('"of":"Ada"');
    expectNothingReadable(heard);
  });

  it('is encrypted where tasks, results and the answers of idempotency keys are kept', async () => {
    const { bus } = await startApp({ ...setup(), providers: [Phonebook] });
    const call = () => bus.execute(find(), { idempotencyKey: 'once' });
    for (let n = 0; n < 2; n++) expect(await call()).toEqual({ number: NUMBER, of: 'Ada' });
    const task = await bus.dispatch(find());
    expect(await task.result({ timeout: '10s' })).toEqual({ number: NUMBER, of: 'Ada' });
    const kept = await stored();
    expect(kept.match(/"of":"Ada"/g)).toHaveLength(2);
    expectNothingReadable(kept);
  });

  it('may come plain from a client that has no keys; what it is answered stays encrypted', async () => {
    await startApp({ ...setup(), providers: [Phonebook] });
    const answer = await spy.request('commands.phone.find', JSON.stringify({ email: EMAIL, why: 'to call' }));
    expect(answer.json()).toMatchObject({ number: { $encrypted: 'A256GCM', kid: 'k1' }, of: 'Ada' });
  });

  it('is refused where it was altered or is another key', async () => {
    await startApp({ ...setup(), providers: [Phonebook] });
    const { bus } = await startApp(setup(2));
    await expect(bus.execute(find())).rejects.toMatchObject({ code: 'COMMAND_UNREADABLE' });
  });
});
