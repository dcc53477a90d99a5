import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { environmentKeys, fileKeys, staticKeys } from './key.provider.js';

const secret = (fill: number): string => Buffer.alloc(32, fill).toString('base64');

const messageOf = (task: () => unknown): string => {
  try {
    task();
  } catch (error) {
    return (error as Error).message;
  }
  return 'nothing was thrown';
};

describe('environmentKeys', () => {
  it('takes the first key for the current one', () => {
    const keys = environmentKeys('KEYS', { KEYS: ` new:${secret(2)}, old:${secret(1)} ` });
    expect(keys.current().id).toBe('new');
    expect(keys.find('old')?.secret).toEqual(Buffer.alloc(32, 1));
    expect(keys.find('other')).toBeUndefined();
  });

  it.each([
    ['nothing', undefined],
    ['no id', secret(1)],
    ['too short a key', 'a:c2hvcnQ='],
    ['no base64', `a:${secret(1).slice(1)}!`],
  ])('refuses %s, without showing it', (_, text) => {
    const message = messageOf(() => environmentKeys('KEYS', { KEYS: text }));
    expect(message).toContain('KEYS');
    expect(message).not.toContain(text?.slice(-8) ?? secret(1));
  });
});

describe('staticKeys', () => {
  it('refuses none, and keys of another length', () => {
    expect(messageOf(() => staticKeys([]))).toContain('no encryption key');
    expect(messageOf(() => staticKeys([{ id: 'a', secret: Buffer.alloc(16) }]))).toContain('32 bytes');
  });
});

describe('fileKeys', () => {
  let folder: string;
  let path: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'millrace-keys-'));
    path = join(folder, 'keys.json');
  });

  afterEach(() => rm(folder, { recursive: true }));

  const write = async (current: string, keys: Record<string, string>): Promise<void> => {
    await writeFile(`${path}.new`, JSON.stringify({ current, keys }));
    await rename(`${path}.new`, path);
  };

  const until = async (probe: () => boolean): Promise<void> => {
    const deadline = Date.now() + 5000;
    while (!probe()) {
      if (Date.now() > deadline) throw new Error('Waited in vain');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };

  it('follows the file', async () => {
    await write('one', { one: secret(1) });
    const keys = fileKeys(path);
    expect(keys.current().id).toBe('one');
    await write('two', { one: secret(1), two: secret(2) });
    await until(() => keys.current().id === 'two');
    expect(keys.find('one')?.secret).toEqual(Buffer.alloc(32, 1));
  });

  it('keeps what it has while the file is no good', async () => {
    await write('one', { one: secret(1) });
    const keys = fileKeys(path);
    await writeFile(path, '{ "current":');
    expect(keys.find('none')).toBeUndefined();
    await write('two', { two: secret(2) });
    await until(() => keys.current().id !== 'one');
    expect(keys.current().id).toBe('two');
  });

  it('refuses a file that is none, without showing what is in it', async () => {
    expect(messageOf(() => fileKeys(path))).toContain('cannot be read');
    await writeFile(path, `{ "current": "${secret(1)}`);
    expect(messageOf(() => fileKeys(path))).not.toContain(secret(1).slice(0, 8));
    await write('missing', { one: secret(1) });
    expect(messageOf(() => fileKeys(path))).toContain('not a key file');
  });
});
