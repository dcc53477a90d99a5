import { machineTraces } from './traces.mjs';

// Put together here, so that this file does not hold what it looks for.
const url = (address: string) => ['https:', '', address].join('/');
const path = (...parts: string[]) => ['', ...parts].join('/');

describe('traces of a build machine', () => {
  it.each([
    ['a registry', `registry=${url('registry.example.org/')}`],
    ['a mirror', `"${url('npmjs.mirror.example/jest.tgz')}"`],
    ['an address in a lock file', `"resolved": "${url('example.org/jest-30.0.0.tgz')}"`],
    ['a home folder', `open ${path('home', 'ann', 'millrace', 'x.ts')}`],
    ['a home folder on macOS', `"${path('Users', 'ann', 'millrace')}"`],
    ["root's folder", `(${path('root', '.cache')})`],
    ['a folder of a build', `cd ${path('builds', 'millrace')}`],
  ])('are found in %s', (_, line) => {
    expect(machineTraces(`first\n${line}\nlast`)).toEqual([expect.objectContaining({ line: 2 })]);
  });

  it.each([
    ['a call', "const contract = registry.find('order.paid');"],
    ['a relative path', "import { x } from './work/home/ann/x.js';"],
    ['a path of the system', '/usr/bin/env node /dev/null /tmp/x /app/dist/main.js'],
    ['a link in a lock file', '"resolved": "libs/core", "link": true'],
    ['a route', 'fetch(`${base}/users/ann`)'],
  ])('are not seen in %s', (_, line) => {
    expect(machineTraces(line)).toEqual([]);
  });
});
