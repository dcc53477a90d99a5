import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Duration, MillraceError } from '@millrace/core';
import { AppConfig } from './app.config.js';
import { loadConfig } from './config.loader.js';
import { IsDuration } from './is-duration.decorator.js';
import { natsOptions } from './nats.options.js';
import { provisioning } from './provisioning.js';

class TestConfig extends AppConfig {
  readonly app = 'test';
  override PORT = 3009;
  @IsDuration() PERIOD: Duration = '1s';
}

const problemOf = (env: Record<string, string>): string => {
  try {
    loadConfig(TestConfig, env);
  } catch (error) {
    if (MillraceError.is(error, 'CONFIG_INVALID')) return error.message;
    throw error;
  }
  return 'no problem';
};

describe('loadConfig', () => {
  it('has a default for everything', () => {
    expect(loadConfig(TestConfig, {})).toMatchObject({
      NATS_URL: 'nats://127.0.0.1:4222',
      HOST: '127.0.0.1',
      PORT: 3009,
      LOG_LEVEL: 'log',
      PUBLISH_DEADLINE: '3s',
      PERIOD: '1s',
    });
  });

  it('takes what the environment says, and the default for what is empty', () => {
    const config = loadConfig(TestConfig, {
      PORT: '0',
      NATS_URL: 'nats://a:4222, tls://b:4222',
      LOG_LEVEL: 'debug',
      PERIOD: '250ms',
      HOST: '',
    });
    expect(config).toBeInstanceOf(TestConfig);
    expect(config).toMatchObject({
      PORT: 0,
      NATS_URL: 'nats://a:4222, tls://b:4222',
      LOG_LEVEL: 'debug',
      PERIOD: '250ms',
      HOST: '127.0.0.1',
    });
  });

  it('takes nothing but its own variables', () => {
    expect(loadConfig(TestConfig, { app: 'impostor', PATH: '/bin' })).toEqual(new TestConfig());
  });

  it('lists every variable that is wrong', () => {
    const problem = problemOf({ PORT: 'http', NATS_URL: 'localhost', LOG_LEVEL: 'loud', PERIOD: 'soon' });
    for (const name of ['PORT', 'NATS_URL', 'LOG_LEVEL', 'PERIOD'])
      expect(problem).toContain(`- ${name} must`);
  });

  it.each(['70000', '-1', '3.5'])('refuses the port %s', (PORT) => {
    expect(problemOf({ PORT })).toContain('PORT');
  });

  it.each(['0s', '5', '-1s'])('refuses the duration %s', (PERIOD) => {
    expect(problemOf({ PERIOD })).toContain('PERIOD must be a duration');
  });

  it('shows no value: it may be a secret', () => {
    expect(problemOf({ NATS_PASSWORD: 'hunter2', NATS_URL: 'nats//u:hunter2@host' })).not.toContain(
      'hunter2',
    );
  });

  describe('from files', () => {
    let directory: string;
    beforeAll(() => (directory = mkdtempSync(join(tmpdir(), 'millrace-config-'))));
    afterAll(() => rmSync(directory, { recursive: true, force: true }));

    const fileOf = (text: string): string => {
      const file = join(directory, randomUUID());
      writeFileSync(file, text);
      return file;
    };

    it('takes what is in the file that is named, without the line end that editors leave', () => {
      const env = { NATS_PASSWORD_FILE: fileOf('hunter 2\n'), PORT_FILE: fileOf('4000'), HOST_FILE: '' };
      expect(loadConfig(TestConfig, env)).toMatchObject({
        NATS_PASSWORD: 'hunter 2',
        PORT: 4000,
        HOST: '127.0.0.1',
      });
    });

    it('checks it like any other, and shows no more of it', () => {
      const problem = problemOf({ PORT_FILE: fileOf('hunter2') });
      expect(problem).toContain('- PORT must');
      expect(problem).not.toContain('hunter2');
    });

    it('refuses a file that is not there, and to choose between two', () => {
      const env = { NATS_PASSWORD_FILE: join(directory, 'none'), PORT: '1', PORT_FILE: fileOf('2') };
      expect(problemOf(env)).toMatch(/- NATS_PASSWORD_FILE must .*ENOENT/);
      expect(problemOf(env)).toContain('- PORT and PORT_FILE must not both be set');
    });
  });
});

describe('natsOptions', () => {
  it('passes on only what is set', () => {
    expect(natsOptions(loadConfig(TestConfig, {}))).toEqual({
      name: 'test',
      servers: 'nats://127.0.0.1:4222',
      inboxPrefix: '_INBOX.test',
      requestTimeout: '3s',
      publish: { deadline: '3s' },
    });
    const env = { NATS_USER: 'u', NATS_PASSWORD: 'p', NATS_CA: 'ca.pem', PUBLISH_DEADLINE: '1s' };
    expect(natsOptions(loadConfig(TestConfig, env))).toMatchObject({
      user: 'u',
      password: 'p',
      tls: { caFile: 'ca.pem' },
      requestTimeout: '1s',
    });
    expect(natsOptions(loadConfig(TestConfig, { NATS_CREDS: 'a.creds' }))).toMatchObject({
      credentialsFile: 'a.creds',
    });
  });
});

describe('provisioning', () => {
  it.each([
    [{}, { provision: 'create' }],
    [
      { PROVISION: 'only', REPLICAS: '3' },
      { provision: 'create', replicas: 3 },
    ],
    [{ PROVISION: 'bind' }, { provision: 'bind' }],
  ])('tells every module what %j says', (env, told) => {
    expect(provisioning(loadConfig(TestConfig, env))).toEqual(told);
  });

  it.each([{ PROVISION: 'never' }, { REPLICAS: '2' }])('refuses %j', (env) => {
    expect(problemOf(env)).toContain(`- ${Object.keys(env)[0]} must`);
  });
});
