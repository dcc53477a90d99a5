import { LineTail, portInUse } from './server.log.js';

describe('server log', () => {
  it.each([
    [
      '[FTL] Error listening on port: 127.0.0.1:4222, "listen tcp 127.0.0.1:4222: bind: address already in use"',
      4222,
    ],
    [
      "[FTL] Can't start monitoring: can't listen to the monitor port: listen tcp [::1]:8222: bind: address already in use",
      8222,
    ],
    [
      '[FTL] Error listening on router port: 6222 - listen tcp 127.0.0.1:6222: bind: address already in use',
      6222,
    ],
    [
      'listen tcp 127.0.0.1:4222: bind: Only one usage of each socket address (protocol/network address/port)',
      4222,
    ],
  ])('finds the taken port in %j', (line, port) => {
    expect(portInUse(['[INF] Starting', line])).toBe(port);
  });

  it('finds none in another failure', () => {
    expect(portInUse(['listen tcp 127.0.0.1:80: bind: permission denied'])).toBeUndefined();
  });

  it('keeps the last 40 lines', () => {
    const tail = new LineTail();
    for (let index = 1; index <= 50; index++) tail.push(`line ${index}`);
    expect(tail.lines()).toHaveLength(40);
    expect([tail.lines()[0], tail.lines().at(-1)]).toEqual(['line 11', 'line 50']);
  });
});
