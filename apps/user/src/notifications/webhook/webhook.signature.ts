import { createHmac, randomBytes } from 'node:crypto';

/** How secrets are told from other texts, as Standard Webhooks has it. */
const PREFIX = 'whsec_';
/** Of HMAC-SHA256; Standard Webhooks asks for 24 to 64. */
const SECRET_BYTES = 32;
const MS_PER_SECOND = 1000;

/** `whsec_` and 24 to 64 bytes in base64. */
export const SECRET_FORM = /^whsec_[A-Za-z0-9+/]{32,86}={0,2}$/;

export const newSecret = (): string => PREFIX + randomBytes(SECRET_BYTES).toString('base64');

export interface Signed {
  id: string;
  /** Milliseconds since the epoch. */
  now: number;
  body: string;
}

/**
 * The headers by which a receiver can tell that we sent this, when, and whether it has seen it before, as
 * [Standard Webhooks](https://www.standardwebhooks.com) has them.
 */
export const signatureHeaders = (secret: string, { id, now, body }: Signed): Record<string, string> => {
  const timestamp = Math.floor(now / MS_PER_SECOND).toString();
  const key = Buffer.from(secret.slice(PREFIX.length), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` };
};
