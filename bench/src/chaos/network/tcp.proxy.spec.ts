import { once } from 'node:events';
import { AddressInfo, connect, createServer, Server, Socket } from 'node:net';
import { TcpProxy } from './tcp.proxy.js';

let echo: Server;
let proxy: TcpProxy;

beforeEach(async () => {
  echo = createServer((socket) => socket.on('error', () => undefined).pipe(socket)).listen(0, '127.0.0.1');
  await once(echo, 'listening');
  proxy = await TcpProxy.before(`nats://127.0.0.1:${(echo.address() as AddressInfo).port}`);
});
afterEach(async () => {
  await proxy.close();
  await new Promise((resolve) => echo.close(resolve));
});

const open = async (): Promise<Socket> => {
  const socket = connect(Number(new URL(proxy.url).port), '127.0.0.1');
  await once(socket, 'connect');
  return socket;
};
const closing = (socket: Socket): Promise<unknown> =>
  new Promise((resolve) => socket.on('error', () => undefined).once('close', resolve));
const answer = async (socket: Socket): Promise<string> => String((await once(socket, 'data'))[0]);

it('forwards both ways', async () => {
  const socket = await open();
  socket.write('hello');
  expect(await answer(socket)).toBe('hello');
  socket.destroy();
});

it('holds back what is sent while it is frozen, and delivers it then', async () => {
  const socket = await open();
  socket.write('before');
  expect(await answer(socket)).toBe('before');
  proxy.cut('freeze');
  let heard = '';
  socket.on('data', (data) => (heard += String(data)));
  socket.write('held');
  // A second connection is only made, not answered: by then the first would have been.
  const second = await open();
  second.write('held too');
  await new Promise((resolve) => setImmediate(resolve));
  expect(heard).toBe('');
  proxy.mend();
  expect(await answer(second)).toBe('held too');
  expect(heard).toBe('held');
  socket.destroy();
  second.destroy();
});

it('resets connections when it is severed, and takes new ones only when it is mended', async () => {
  const socket = await open();
  const closed = closing(socket);
  proxy.cut('sever');
  await closed;
  const refused = connect(Number(new URL(proxy.url).port), '127.0.0.1');
  await closing(refused);
  proxy.mend();
  const again = await open();
  again.write('back');
  expect(await answer(again)).toBe('back');
  again.destroy();
});
