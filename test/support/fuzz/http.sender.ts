import { Agent, request as httpRequest } from 'node:http';

export interface Sent {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: Buffer | undefined;
}

export interface Received {
  /** 0 where the connection was closed instead of an answer. */
  status: number;
  type: string;
  text: string;
}

const TIMEOUT_MS = 20_000;
const agent = new Agent({ keepAlive: true, maxSockets: 16 });

/** Sends what no well-behaved client would; a stream of events is left after its headers. */
export const send = (url: string, { method, path, headers, body }: Sent): Promise<Received> => {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const sent = httpRequest(
      { agent, hostname, port, method, path, headers, timeout: TIMEOUT_MS },
      (answer) => {
        const { statusCode: status = 0, headers: received } = answer;
        const type = received['content-type'] ?? '';
        if (type.startsWith('text/event-stream')) {
          answer.destroy();
          return resolve({ status, type, text: '' });
        }
        let text = '';
        answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        answer.on('end', () => resolve({ status, type, text }));
        answer.on('error', () => resolve({ status, type, text }));
      },
    );
    sent.on('timeout', () => reject(new Error(`No answer within ${TIMEOUT_MS} ms: ${method} ${path}`)));
    sent.on('error', () => resolve({ status: 0, type: '', text: '' }));
    sent.end(body);
  });
};

export const closeConnections = (): void => agent.destroy();

/** Whatever is wrong with an answer that no client may be given, whatever it sent; `undefined` for a good one. */
export const faultOf = ({ status, type, text }: Received): string | undefined => {
  // Requests that want the same lock, all at a time, are told to try again.
  if (status >= 500 && !(status === 503 && text.includes('"LOCK_TIMEOUT"'))) return `status ${status}`;
  if (/\n\s+at .+:\d+:\d+|node_modules|\.ts:\d+/.test(text)) return 'a stack';
  if (status < 400 || text === '') return undefined;
  if (!type.startsWith('application/json')) return `an error as ${type}`;
  const { statusCode, code, message } = JSON.parse(text) as Record<string, unknown>;
  const isTyped = statusCode === status && typeof code === 'string' && typeof message === 'string';
  return isTyped ? undefined : 'an error that is not typed';
};
