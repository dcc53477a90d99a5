import { createHash, randomUUID } from 'node:crypto';
import { headers as createHeaders } from '@nats-io/transport-node';
import { decodeAttribute, encodeKey, HeaderName, toServerSeconds } from '@millrace/core';
import { currentMessage, Delivery } from '@millrace/delivery';
import { inboxSubject } from './bucket.subjects.js';
import { isRecord } from './json.js';
import { StoredRecord } from './stored.record.js';
import { WireMessage } from './wire.message.js';

export interface InboxOptions {
  bucket: string;
  /** For how long a redelivery is recognised. */
  ttlMs: number;
}

/** What a commit in a handler was: kept in its mark, for whoever handles the message again. */
export interface MarkedCommit {
  eventIds: readonly string[];
  /** Each key's revision, by distance from the mark where the commit wrote it. */
  keys: readonly { readonly key: string; readonly distance?: number; readonly revision?: number }[];
}

/** The place of one commit's mark. */
export interface Claim {
  readonly subject: string;
  /** The commit failed: the next one to the same keys takes its place. */
  release(): void;
}

/**
 * Which commit of which message this is. A mark says: this group has handled this message so far as to make
 * its n-th commit to these keys. It is written in the commit's own batch, expecting that there is none.
 *
 * A message is the same one through redeliveries and replays: by its `ce-id`, as its idempotency key is. A
 * handler may commit to several keys, also concurrently; what it commits to the same keys is counted, so
 * those must come in the same order each time the message is handled.
 */
export class Inbox {
  private readonly claimed = new WeakMap<Delivery, Set<string>>();

  constructor(private readonly options: InboxOptions) {}

  /** The next mark of the message that is being handled; `undefined` outside of a handler. */
  claim(keys: readonly string[]): Claim | undefined {
    const message = currentMessage();
    if (!message) return undefined;
    const claimed = this.claimed.get(message) ?? new Set<string>();
    this.claimed.set(message, claimed);
    for (let nth = 1; ; nth++) {
      const subject = inboxSubject({
        bucket: this.options.bucket,
        group: encodeKey(message.group),
        message: encodeKey(identityOf(message)),
        keys: tokenOf(keys),
        nth,
      });
      if (claimed.has(subject)) continue;
      claimed.add(subject);
      return { subject, release: () => claimed.delete(subject) };
    }
  }

  /** The message that leaves the mark; `record` is what lies in its place now: nothing, or an expiry. */
  message({ subject }: Claim, record: StoredRecord | undefined, commit: MarkedCommit): WireMessage {
    const messageId = randomUUID();
    const headers = createHeaders();
    headers.set(HeaderName.MessageId, messageId);
    headers.set(HeaderName.ExpectedLastSubjectSequence, String(record?.revision ?? 0));
    headers.set(HeaderName.Ttl, toServerSeconds(this.options.ttlMs));
    return { subject, payload: encoder.encode(JSON.stringify(commit)), headers, messageId };
  }
}

const encoder = new TextEncoder();

// The `idempotencyKey` of an event, without its group.
const identityOf = ({ headers, stream, sequence }: Delivery): string => {
  const id = headers[HeaderName.Id] || headers[HeaderName.MessageId];
  return id ? decodeAttribute(id) : `${stream}:${sequence}`;
};

// No key has a token that begins like that of several.
const tokenOf = (keys: readonly string[]): string => {
  const [only, ...others] = keys;
  if (only !== undefined && others.length === 0) return encodeKey(only);
  return `=all${createHash('sha256').update(JSON.stringify(keys)).digest('base64url')}`;
};

/** The commit that left this mark. What another client wrote there tells only that there was one. */
export const readMark = ({ data }: StoredRecord): MarkedCommit => {
  const nothing: MarkedCommit = { eventIds: [], keys: [] };
  try {
    const parsed: unknown = JSON.parse(new TextDecoder().decode(data));
    if (!isRecord(parsed) || !Array.isArray(parsed['eventIds']) || !Array.isArray(parsed['keys'])) {
      return nothing;
    }
    return { eventIds: parsed['eventIds'].map(String), keys: parsed['keys'].flatMap(keyOf) };
  } catch {
    return nothing;
  }
};

const keyOf = (parsed: unknown): MarkedCommit['keys'] => {
  if (!isRecord(parsed) || typeof parsed['key'] !== 'string') return [];
  const { key, distance, revision } = parsed;
  return [
    {
      key,
      ...(typeof distance === 'number' ? { distance } : {}),
      ...(typeof revision === 'number' ? { revision } : {}),
    },
  ];
};
