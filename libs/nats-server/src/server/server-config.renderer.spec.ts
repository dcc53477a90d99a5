import { type ServerConfig, renderServerConfig } from './server-config.renderer.js';

const BASE: ServerConfig = {
  name: 'a',
  host: '127.0.0.1',
  port: 4222,
  monitoringPort: 8222,
  storeDir: '/data',
  logFile: undefined,
  portsFileDir: '/run/ports',
  debug: false,
  trace: false,
  cluster: undefined,
  extra: {},
};

describe('renderServerConfig', () => {
  it('renders the generated fields', () => {
    expect(renderServerConfig(BASE)).toBe(
      '"server_name": "a"\n"listen": "127.0.0.1:4222"\n"ports_file_dir": "/run/ports"\n' +
        '"http": "127.0.0.1:8222"\n"jetstream": { "store_dir": "/data" }\n',
    );
  });

  it('leaves out what is off', () => {
    const text = renderServerConfig({ ...BASE, monitoringPort: undefined, storeDir: undefined });
    expect(text).not.toMatch(/http|jetstream|debug|cluster|log_file/);
  });

  it('appends text as it is, last', () => {
    const text = renderServerConfig({ ...BASE, extra: 'max_payload: 8MB # mine' });
    expect(text.endsWith('\nmax_payload: 8MB # mine\n')).toBe(true);
  });

  it('renders an object and merges its jetstream block', () => {
    const extra = {
      jetstream: { max_file_store: 1000 },
      authorization: { users: [{ user: 'a "b"\\', password: '$2a$x' }] },
      debug: true,
    };
    const text = renderServerConfig({ ...BASE, extra });
    expect(text).toContain('"jetstream": { "store_dir": "/data", "max_file_store": 1000 }\n');
    expect(text).toContain(
      '"authorization": { "users": [{ "user": "a \\"b\\"\\\\", "password": "$2a$x" }] }\n',
    );
    expect(text).toContain('"debug": true\n');
  });

  it('brackets an IPv6 address and renders a cluster', () => {
    const text = renderServerConfig({
      ...BASE,
      host: '::1',
      cluster: { name: 'c', port: 6222, routes: ['nats://[::1]:6222'], hidden: false },
    });
    expect(text).toContain('"listen": "[::1]:4222"');
    expect(text).toContain(
      '"cluster": { "name": "c", "listen": "[::1]:6222", "routes": ["nats://[::1]:6222"] }',
    );
  });

  it('hides a server from all that are not configured to know it', () => {
    const text = renderServerConfig({
      ...BASE,
      cluster: { name: 'c', port: 6222, routes: [], hidden: true },
    });
    expect(text).toContain('"no_advertise": true, "advertise": "127.0.0.1:1" }');
  });

  it('refuses a number that the server could not read', () => {
    expect(() => renderServerConfig({ ...BASE, extra: { max_payload: Number.NaN } })).toThrow(
      /holds the number NaN/,
    );
  });
});
