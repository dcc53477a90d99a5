import { jest } from '@jest/globals';
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Run, System, until } from '../cli.fixture.js';

// Each run of the command is a process of its own, which a busy machine takes its time to start.
jest.setTimeout(60_000);

const lines = (text: string): Record<string, unknown>[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe('millrace dead-letters', () => {
  let system: System;
  beforeAll(async () => {
    system = await System.start();
  });
  beforeEach(() => system.clear());
  afterAll(() => system.stop());

  it('lists them for people, without colours or control characters where it is piped', async () => {
    await system.letter({ message: 'red \u001b[31m herring\u0007' });
    const { code, out, err } = await system.millrace('dead-letters', 'ls');
    expect([code, err]).toEqual([0, '']);
    expect(out).toContain('shop.paid');
    expect(out).toMatch(/HANDLER_TIMEOUT: red \\u001b\[31m herring\\u0007/);
    expect(out).not.toContain('\u001b');
  });

  it('lists them for programs by context, event, group, key, cause and time', async () => {
    await system.letter({ group: 'one', key: 'a' });
    await system.letter({
      group: 'two',
      key: '_',
      event: 'sent',
      code: 'PERMANENT',
      message: 'no Such customer',
    });
    const groups = async (...args: string[]): Promise<unknown[]> => {
      const { code, out } = await system.inside('dl', 'ls', '--json', ...args);
      expect(code).toBe(0);
      return lines(out).map(({ group }) => group);
    };
    expect(await groups('--context', 'shop')).toEqual(['one', 'two']);
    expect(await groups('--event', 'sent', '--since', '1h')).toEqual(['two']);
    expect(await groups('--group', 'one', '--key', 'a')).toEqual(['one']);
    expect(await groups('--no-key', '--cause', 'permanent')).toEqual(['two']);
    expect(await groups('--cause', 'SUCH CUST')).toEqual(['two']);
    expect(await groups('--until', '2020-01-01')).toEqual([]);
    expect(await groups('--limit', '1')).toEqual(['one']);
  });

  it('shows one whole, and says where there is none', async () => {
    const id = await system.letter({ body: '{"amount":7}' });
    const shown = await system.millrace('dead-letters', 'show', id, '--json');
    expect(lines(shown.out)[0]).toMatchObject({
      id,
      key: 'k',
      body: { amount: 7 },
      headers: { tenant: 'eu' },
      cause: { code: 'HANDLER_TIMEOUT' },
    });
    expect((await system.millrace('dead-letters', 'show', id)).out).toContain('"amount": 7');
    const missing = await system.millrace('dead-letters', 'show', '999999');
    expect(missing).toMatchObject({ code: 4, out: '' });
    expect(missing.err).toContain('[DEAD_LETTER_UNKNOWN]');
  });

  it('releases a key of a group, and asks for all that names it', async () => {
    const release = (...args: string[]) => system.inside('dl', 'release', '--group', 'two', ...args);
    expect(await release('--context', 'shop', '--key', 'never parked')).toMatchObject({
      code: 0,
      out: '0 released.\n',
    });
    expect((await release('--key', 'k')).code).toBe(2);
  });

  it('replays for the group that failed, with headers, key and identity, and says that it did', async () => {
    const id = await system.letter();
    const other = await system.letter({ group: 'other' });
    const { code, out } = await system.millrace('dead-letters', 'replay', id);
    expect([code, out]).toEqual([0, '1 replayed.\n']);
    expect((await system.letters()).map((letter) => letter.id)).toEqual([other]);
    const [replay] = await system.replayed();
    expect(replay).toMatchObject({
      body: '{"amount":1}',
      headers: {
        'ce-id': expect.stringMatching(/^e-/),
        tenant: 'eu',
        'Millrace-Replay-Group': 'receipts',
        'Millrace-Replay-Of': id,
        'Millrace-Replays': '1',
      },
    });
  });

  it('replays what a filter finds, after showing it in a dry run', async () => {
    for (const group of ['a', 'b', 'a']) await system.letter({ group });
    const dry = await system.millrace('dead-letters', 'replay', '--group', 'a', '--dry-run', '--json');
    expect([dry.code, lines(dry.out).length, dry.err]).toEqual([0, 2, '2 would be replayed.\n']);
    expect(await system.letters()).toHaveLength(3);
    const { code, out } = await system.millrace('dead-letters', 'replay', '--group', 'a', '--json');
    expect([code, lines(out).map(({ outcome }) => outcome)]).toEqual([0, ['replayed', 'replayed']]);
    expect((await system.letters()).map(({ group }) => group)).toEqual(['b']);
  });

  it('goes on where one cannot be replayed, and keeps that one', async () => {
    const bad = await system.letter({ bodyLeft: true });
    await system.letter();
    const { code, out, err } = await system.millrace('dead-letters', 'replay', '--all');
    expect([code, out]).toEqual([1, '1 replayed, 1 failed.\n']);
    expect(err).toContain(`${bad}: The body of the dead letter '${bad}' was left in EVENTS_shop`);
    expect((await system.letters()).map(({ id }) => id)).toEqual([bad]);
  });

  it('interrupted, loses nothing, and goes on where it ended', async () => {
    for (let i = 0; i < 60; i++) await system.letter({ key: `k${i}` });
    const first = system.run('dead-letters', 'replay', '--all', '--rate', '20');
    await until('some replays', async () => (await system.letters()).length < 55);
    first.child.kill('SIGINT');
    const ended = await first.ended;
    expect(ended.code).toBe(130);
    expect(ended.out).toMatch(/^\d+ replayed, \d+ left: run the same command again to go on\.\n$/);
    const left = (await system.letters()).length;
    expect(left).toBeGreaterThan(0);
    expect((await system.replayed()).length + left).toBe(60);
    const second = await system.millrace('dead-letters', 'replay', '--all');
    expect([second.code, second.out]).toEqual([0, `${left} replayed.\n`]);
    const replayed = await system.replayed();
    expect(new Set(replayed.map(({ id }) => id)).size).toBe(60);
    expect(replayed).toHaveLength(60);
  });

  it('killed in the middle of a run, repeats nothing either', async () => {
    for (let i = 0; i < 200; i++) await system.letter({ key: `k${i}` });
    const first = system.run('dead-letters', 'replay', '--all');
    await until('some replays', async () => (await system.letters()).length < 190);
    first.child.kill('SIGKILL');
    await first.ended;
    expect((await system.millrace('dead-letters', 'replay', '--all')).code).toBe(0);
    const replayed = await system.replayed();
    expect([replayed.length, new Set(replayed.map(({ id }) => id)).size]).toEqual([200, 200]);
  });

  describe('with --edit', () => {
    let folder: string;
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), 'editor-'));
    });
    afterEach(() => rmSync(folder, { recursive: true }));

    const edit = (id: string, script: string): Run => {
      const editor = join(folder, 'editor.sh');
      writeFileSync(editor, `#!/bin/sh\n${script}\n`);
      chmodSync(editor, 0o700);
      const env = { NATS_URL: system.server.url, EDITOR: editor, TMPDIR: folder };
      return new Run(['dead-letters', 'replay', id, '--edit'], env);
    };

    it('leaves Ctrl-C to the editor, and replays what it left', async () => {
      const id = await system.letter();
      const [begun, go] = [join(folder, 'begun'), join(folder, 'go')];
      const wait = `touch ${begun}; for i in $(seq 200); do [ -e ${go} ] && break; sleep 0.1; done`;
      const run = edit(id, `${wait}; sed -i 's/1/42/' "$1"`);
      await until('the editor', () => existsSync(begun));
      for (let i = 0; i < 3; i++) run.child.kill('SIGINT');
      writeFileSync(go, '');
      const { code, out } = await run.ended;
      expect([code, out]).toEqual([0, expect.stringContaining(`${id} replayed as EVENTS_shop`)]);
      const [replay] = await system.replayed();
      expect(JSON.parse(replay!.body)).toEqual({ amount: 42 });
      expect(replay!.headers['Millrace-Replay-Edited']).toBe('true');
    });

    it.each([
      ['nothing was changed', 'true', 1, 'as it was'],
      ['JSON was broken', 'echo "{" > "$1"', 2, 'What you wrote is in'],
      ['the editor failed', 'exit 3', 2, 'ended with 3'],
    ])('replays nothing where %s', async (_, script, code, said) => {
      const id = await system.letter();
      const ended = await edit(id, script).ended;
      expect([ended.code, ended.out]).toEqual([code, '']);
      expect(ended.err).toContain(said);
      expect(await system.letters()).toHaveLength(1);
    });
  });

  it('discards by id, and by filter only where that is confirmed', async () => {
    const id = await system.letter();
    for (let i = 0; i < 2; i++) await system.letter({ group: 'noise' });
    expect(await system.millrace('dead-letters', 'discard', id)).toMatchObject({
      code: 0,
      out: '1 discarded.\n',
    });
    const unsure = await system.millrace('dead-letters', 'discard', '--group', 'noise');
    expect([unsure.code, unsure.err]).toEqual([2, expect.stringContaining('--yes')]);
    expect(await system.letters()).toHaveLength(2);
    const sure = await system.millrace('dead-letters', 'discard', '--group', 'noise', '--yes');
    expect(sure).toMatchObject({ code: 0, out: '2 discarded.\n' });
    expect(await system.letters()).toEqual([]);
  });

  it('watches until it is interrupted', async () => {
    const old = await system.letter();
    const watch = system.run('dead-letters', 'watch', '--json', '--group', 'receipts', '--since', '1h');
    await until('the old one', () => watch.out.includes('\n'));
    await system.letter({ group: 'other' });
    const id = await system.letter();
    await until('the new one', () => lines(watch.out).length === 2);
    watch.child.kill('SIGINT');
    const { code, out } = await watch.ended;
    expect([code, lines(out).map((letter) => letter['id'])]).toEqual([0, [old, id]]);
  });

  it.each([
    [['dead-letters', 'replay'], 'No dead letter is named'],
    [['dead-letters', 'replay', '1', '--group', 'g'], 'Give one of the two'],
    [['dead-letters', 'ls', '--since', 'yesterday'], '--since'],
    [['dead-letters', 'replay', '--all', '--rate', 'fast'], '--rate'],
  ])('refuses %j, and says why', async (args, said) => {
    const { code, out, err } = await system.inside(...args);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(said);
  });
});
