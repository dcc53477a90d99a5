import { lookup as resolve } from 'node:dns';
import { once } from 'node:events';
import { type IncomingMessage, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { type LookupFunction } from 'node:net';
import { PermanentError } from '@millrace/core';
import { WebhookTargets } from './webhook.targets.js';

export interface WebhookRequest {
  url: string;
  headers: Record<string, string>;
  body: string;
  signal: AbortSignal;
}

/**
 * Posts a body and gives back the status. Nothing of the answer is read, no redirect is followed, and the addresses of
 * a host are looked at as they are connected to: what a name leads to may change after it was accepted.
 * @throws PermanentError for an address that is not allowed; what the connection failed with.
 */
export const postWebhook = async (
  { url, headers, body, signal }: WebhookRequest,
  targets: WebhookTargets,
): Promise<number> => {
  const refusal = targets.refusal(url);
  if (refusal !== undefined) throw new PermanentError(`The webhook's URL ${refusal}`);
  const send = url.startsWith('https:') ? httpsRequest : httpRequest;
  const request = send(url, {
    method: 'POST',
    // A connection of its own each time, so that none is reused that others' names led to.
    agent: false,
    lookup: allowedLookup(targets),
    headers: { ...headers, 'content-length': Buffer.byteLength(body).toString() },
    signal,
  });
  request.end(body);
  const [response] = (await once(request, 'response', { signal })) as [IncomingMessage];
  // A connection that breaks now has told what it had to.
  request.on('error', () => undefined);
  response.destroy();
  return response.statusCode ?? 0;
};

const allowedLookup =
  (targets: WebhookTargets): LookupFunction =>
  (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      const [first] = addresses ?? [];
      if (error) callback(error, []);
      else if (!first || addresses.some(({ address }) => !targets.allowsAddress(address))) {
        callback(new PermanentError(`${hostname} is not at a public address`), []);
      } else if (options.all) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
