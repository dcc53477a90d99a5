import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { Objm } from '@nats-io/obj';
import { startNatsServer, type NatsServer } from '@millrace/nats-server';
import { MillraceConnection } from '@millrace/core';
import { connectTo, deleteStreams } from '../storage.fixture.js';
import { Blobs } from './blob.store.js';

let server: NatsServer;
let connection: MillraceConnection;
let blobs: Blobs;

beforeAll(async () => {
  server = await startNatsServer();
  connection = await connectTo(server.url);
});

afterAll(async () => {
  await connection.close();
  await server.stop();
});

beforeEach(async () => {
  await deleteStreams(connection);
  blobs = await Blobs.open(connection, 'documents');
});

const contentOf = async (name: string): Promise<Buffer> => {
  const blob = await blobs.get(name);
  const chunks: Buffer[] = [];
  for await (const chunk of blob?.stream ?? []) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
};

describe('Blobs', () => {
  it.each([0, 1, 131_072, 131_073, 20_000_000])('gives back what was stored, of %p bytes', async (size) => {
    const content = randomBytes(size);
    const info = await blobs.put('a report.pdf', content, { metadata: { type: 'pdf' } });
    expect(info).toMatchObject({ name: 'a report.pdf', size, metadata: { type: 'pdf' } });
    expect((await contentOf('a report.pdf')).equals(content)).toBe(true);
    expect(await blobs.info('a report.pdf')).toEqual(info);
    expect(await blobs.list()).toEqual([info]);
    expect(await blobs.delete('a report.pdf')).toBe(true);
    expect(await blobs.get('a report.pdf')).toBeUndefined();
    expect(await blobs.delete('a report.pdf')).toBe(false);
  });

  it('takes a stream, which other clients read', async () => {
    const parts = Array.from({ length: 50 }, () => randomBytes(30_000));
    await blobs.put('streamed', Readable.from(parts));
    const theirs = await (await new Objm(connection.js).open('documents')).getBlob('streamed');
    expect(Buffer.concat(parts).equals(theirs ?? new Uint8Array())).toBe(true);
  });

  it('leaves what was there when the source fails', async () => {
    await blobs.put('a', Buffer.from('old'));
    const failing = (async function* () {
      yield randomBytes(500_000);
      await Promise.resolve();
      throw new TypeError('broken off');
    })();
    await expect(blobs.put('a', failing)).rejects.toThrow(new TypeError('broken off'));
    expect((await contentOf('a')).toString()).toBe('old');
  });

  it('takes in no more than a slow reader asks for, and leaves no consumer behind', async () => {
    await blobs.put('large', randomBytes(20_000_000));
    const blob = await blobs.get('large');
    for await (const _ of blob?.stream ?? []) {
      const consumers = [];
      for await (const consumer of connection.jsm.consumers.list('OBJ_documents')) consumers.push(consumer);
      expect(consumers).toHaveLength(1);
      expect(consumers[0]?.delivered.consumer_seq).toBeLessThanOrEqual(16);
      break;
    }
    const left = async (): Promise<number> =>
      (await connection.jsm.streams.info('OBJ_documents')).state.consumer_count;
    while ((await left()) > 0);
    expect(await left()).toBe(0);
  });

  it('fails to read a content that does not match its digest', async () => {
    await blobs.put('a', randomBytes(300_000));
    const theirs = await new Objm(connection.js).open('documents');
    const info = await theirs.info('a');
    const subject = `$O.documents.C.${info?.nuid ?? ''}`;
    await connection.jsm.streams.purge('OBJ_documents', { filter: subject });
    await connection.js.publish(subject, randomBytes(300_000));
    await expect(contentOf('a')).rejects.toMatchObject({ code: 'VALUE_UNREADABLE' });
  });

  it('fails to read a content that is deleted meanwhile', async () => {
    await blobs.put('a', randomBytes(5_000_000));
    const blob = await blobs.get('a');
    const reading = (async () => {
      for await (const _ of blob?.stream ?? []) await blobs.delete('a');
    })();
    await expect(reading).rejects.toMatchObject({ code: 'VALUE_UNREADABLE' });
  }, 20_000);

  it('binds to what exists only, and refuses a name that is none', async () => {
    await expect(Blobs.open(connection, 'absent', { mode: 'bind' })).rejects.toMatchObject({
      code: 'PROVISION_MISSING',
    });
    await expect(Blobs.open(connection, 'a.b')).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });
});
