import { randomUUID } from 'node:crypto';
import { headers as createHeaders } from '@nats-io/transport-node';
import { ApiErrorCode, HeaderName, isApiError, MillraceConnection, toServerSeconds } from '@millrace/core';
import { deadSubject } from '../dead-letters/dead-letter.subject.js';
import { DEAD_LETTERS } from '../dead-letters/dead-letter.stream.js';
import { OWNERSHIP_STREAM, OwnershipScope, parkedSubject, releasedSubject } from './ownership.stream.js';

/** A key whose events go to the dead letters. */
export interface ParkedKey {
  /** The release in which one of its events failed again. */
  failed?: string | undefined;
  /** The last released event that was handled, by its place in the original stream. */
  handled?: number | undefined;
}

type Mark = ({ state: 'parked' } & ParkedKey) | { state: 'free' };

const FREE_KEPT_MS = 60_000;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * The parked keys of a group in one context. A key is parked while it has dead letters: so it is free again when
 * they have been released, and when they have been discarded.
 */
export class ParkedKeys {
  constructor(
    private readonly connection: MillraceConnection,
    private readonly scope: OwnershipScope,
  ) {}

  /** `undefined` where the key is not parked. */
  async find(keyToken: string): Promise<ParkedKey | undefined> {
    const mark = (await this.latest(OWNERSHIP_STREAM, parkedSubject(this.scope, keyToken))) as
      Mark | undefined;
    return mark?.state === 'parked' ? { failed: mark.failed, handled: mark.handled } : undefined;
  }

  /** All that are parked. */
  async all(): Promise<Map<string, ParkedKey>> {
    const filter = parkedSubject(this.scope, '*');
    // Asked of the leader, as nothing else that lists is.
    const { state } = await this.connection.jsm.streams.info(OWNERSHIP_STREAM, { subjects_filter: filter });
    const all = new Map<string, ParkedKey>();
    for (const subject of Object.keys(state.subjects ?? {})) {
      const keyToken = subject.slice(filter.length - 1);
      const parked = await this.find(keyToken);
      if (parked) all.set(keyToken, parked);
    }
    return all;
  }

  async park(keyToken: string, parked: ParkedKey): Promise<void> {
    await this.write(parkedSubject(this.scope, keyToken), { state: 'parked', ...parked });
  }

  /** Its events are handled again. */
  async free(keyToken: string): Promise<void> {
    await this.write(parkedSubject(this.scope, keyToken), { state: 'free' }, FREE_KEPT_MS);
  }

  /** Asked of the leader: a replica that is behind would let a later event pass. */
  async hasLetters(keyToken: string): Promise<boolean> {
    const { context, group } = this.scope;
    const subject = deadSubject({ context, event: '*', group, keyToken });
    return (await this.latest(DEAD_LETTERS, subject)) !== undefined;
  }

  /** Up to this sequence of the original stream there may be released events that are still to be handled. */
  async releasedUpTo(keyToken: string): Promise<number> {
    const entry = await this.latest(OWNERSHIP_STREAM, releasedSubject(this.scope, keyToken));
    const sequence = entry?.['sequence'];
    return typeof sequence === 'number' ? sequence : 0;
  }

  async noteReleased(keyToken: string, sequence: number): Promise<void> {
    await this.write(releasedSubject(this.scope, keyToken), { sequence });
  }

  private async latest(stream: string, subject: string): Promise<Record<string, unknown> | undefined> {
    try {
      const { streams } = this.connection.jsm;
      const stored = await streams.getMessage(stream, { last_by_subj: subject });
      if (!stored) return undefined;
      return stream === DEAD_LETTERS
        ? {}
        : (JSON.parse(decoder.decode(stored.data)) as Record<string, unknown>);
    } catch (error) {
      if (isApiError(error, ApiErrorCode.MessageNotFound, ApiErrorCode.StreamNotFound)) return undefined;
      throw error;
    }
  }

  private async write(subject: string, entry: object, ttlMs?: number): Promise<void> {
    const headers = createHeaders();
    headers.set(HeaderName.MessageId, randomUUID());
    if (ttlMs !== undefined) headers.set(HeaderName.Ttl, toServerSeconds(ttlMs));
    const payload = encoder.encode(JSON.stringify(entry));
    await this.connection.publisher.publish({ subject, payload, headers });
  }
}
