import { type Socket, connect } from 'node:net';

/** One request over the bare NATS protocol; the reply's JSON. Enough to see that a server kept its data. */
export async function request(url: string, subject: string, body: unknown = ''): Promise<unknown> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), timeout: 2_000 });
  try {
    const payload = typeof body === 'string' ? body : JSON.stringify(body);
    socket.write('CONNECT {"verbose":false,"pedantic":false}\r\n');
    socket.write(
      `SUB reply.inbox 1\r\nPUB ${subject} reply.inbox ${Buffer.byteLength(payload)}\r\n${payload}\r\n`,
    );
    return JSON.parse(await firstMessage(socket));
  } finally {
    socket.destroy();
  }
}

/** What a server says of itself when a client connects. */
export function serverInfo(url: string): Promise<unknown> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port) });
    socket.once('error', reject);
    socket.once('data', (chunk) => {
      socket.destroy();
      resolve(JSON.parse(chunk.toString().replace(/^INFO /, '')));
    });
  });
}

function firstMessage(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    let received = '';
    socket.setEncoding('utf8');
    socket.on('error', reject);
    socket.on('timeout', () => reject(new Error(`no reply, received: ${received}`)));
    socket.on('close', () => reject(new Error(`closed, received: ${received}`)));
    socket.on('data', (chunk: string) => {
      received += chunk;
      const message = /\r\nMSG \S+ \S+ (\d+)\r\n/.exec(received);
      if (!message) return;
      const start = message.index + message[0].length;
      const length = Number(message[1]);
      if (received.length >= start + length) resolve(received.slice(start, start + length));
    });
  });
}
