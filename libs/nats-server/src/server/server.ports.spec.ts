import { parsePortsFile, pickPorts } from './server.ports.js';

describe('ports', () => {
  it('picks different ports below the ephemeral range and avoids the fixed ones', () => {
    const answers = [0, 0, 0.5, 0.9999999];
    const picked = pickPorts(2, [20_000], () => answers.shift() ?? 0);
    expect(picked).toEqual([26_384, 32_767]);
  });

  it('reads a ports file, with and without monitoring', () => {
    const both = '{"nats":["nats://127.0.0.1:4222"],"monitoring":["http://[::1]:8222"]}';
    expect(parsePortsFile(both)).toEqual({ port: 4222, monitoringPort: 8222 });
    expect(parsePortsFile('{"nats":["tls://127.0.0.1:4222"]}')).toEqual({
      port: 4222,
      monitoringPort: undefined,
    });
  });

  it.each(['', '{"nats":["nats://127', '{}', '[]', '{"nats":[]}'])('waits on for %j', (text) => {
    expect(parsePortsFile(text)).toBeUndefined();
  });
});
