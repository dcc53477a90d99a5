import { randomUUID } from 'node:crypto';
import { headers as createHeaders } from '@nats-io/transport-node';
import {
  ApiErrorCode,
  HeaderName,
  isApiError,
  MillraceConnection,
  PublishError,
  toServerSeconds,
} from '@millrace/core';
import {
  membersAndOwners,
  memberSubject,
  OWNERSHIP_STREAM,
  OwnershipScope,
  ownerSubject,
  readOwnershipSubject,
} from './ownership.stream.js';

/** Who owns a partition. */
export interface Claim {
  /** `undefined`: given back. */
  owner: string | undefined;
  /** The fencing token: its place in the stream, so higher than that of any earlier owner. */
  token: number;
}

/** A member that is leaving takes nothing more, and gives back what it has; one that is dead stays so. */
export type MemberState = 'alive' | 'leaving' | 'dead';

/** A group's members and owners, as the server has them. */
export interface OwnershipState {
  members: ReadonlyMap<string, MemberState>;
  claims: ReadonlyMap<number, Claim>;
}

/** A member that says nothing for so long is gone. */
export const SESSION_MS = 3000;
/** For so long a dead member is known to be dead. */
const TOMBSTONE_MS = 60_000;
const DEADLINE_MS = 2000;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

interface Entry {
  owner?: string;
  state?: MemberState;
}

/**
 * Members and owners of a group's partitions in one context. Each write expects what was read before, so that
 * of two replicas that want the same one gets it.
 */
export class OwnershipStore {
  constructor(
    private readonly connection: MillraceConnection,
    readonly scope: OwnershipScope,
  ) {}

  /** Possibly behind by a moment; every write is checked against what is. */
  async read(): Promise<OwnershipState> {
    const members = new Map<string, MemberState>();
    const claims = new Map<number, Claim>();
    try {
      const query = { multi_last: membersAndOwners(this.scope) };
      for await (const stored of await this.connection.jsm.direct.getLastMessagesFor(
        OWNERSHIP_STREAM,
        query,
      )) {
        const place = readOwnershipSubject(stored.subject);
        const entry = JSON.parse(decoder.decode(stored.data)) as Entry;
        if (place?.kind === 'member') members.set(place.member, entry.state ?? 'alive');
        if (place?.kind === 'owner') claims.set(place.partition, { owner: entry.owner, token: stored.seq });
      }
    } catch (error) {
      if (!isNothing(error)) throw error;
    }
    return { members, claims };
  }

  /**
   * Says that `member` is there, for another {@link SESSION_MS}.
   * @param expected the sequence that the last time gave, 0 for the first.
   * @returns the sequence; `undefined` where the member was declared dead.
   */
  beat(member: string, state: 'alive' | 'leaving', expected: number): Promise<number | undefined> {
    return this.write(memberSubject(this.scope, member), { state }, { expected, ttlMs: SESSION_MS });
  }

  /** Declares a member dead, for good: it cannot come back under this name. False where it is alive. */
  async bury(member: string): Promise<boolean> {
    const place = { expected: 0, ttlMs: TOMBSTONE_MS };
    return (await this.write(memberSubject(this.scope, member), { state: 'dead' }, place)) !== undefined;
  }

  /** The member says itself that it is gone. */
  async leave(member: string, expected: number): Promise<void> {
    await this.write(memberSubject(this.scope, member), { state: 'dead' }, { expected, ttlMs: TOMBSTONE_MS });
  }

  /** Makes `owner` the owner, or nobody. `undefined` where it has changed hands since it was read. */
  claim(partition: number, owner: string | undefined, expected: number): Promise<number | undefined> {
    return this.write(ownerSubject(this.scope, partition), owner === undefined ? {} : { owner }, {
      expected,
    });
  }

  private async write(
    subject: string,
    entry: Entry,
    { expected, ttlMs }: { expected: number; ttlMs?: number },
  ): Promise<number | undefined> {
    const headers = createHeaders();
    headers.set(HeaderName.MessageId, randomUUID());
    headers.set(HeaderName.ExpectedLastSubjectSequence, String(expected));
    if (ttlMs !== undefined) headers.set(HeaderName.Ttl, toServerSeconds(ttlMs));
    const payload = encoder.encode(JSON.stringify(entry));
    try {
      const { publisher } = this.connection;
      return (await publisher.publish({ subject, payload, headers, deadlineMs: DEADLINE_MS })).sequence;
    } catch (error) {
      if (error instanceof PublishError && error.serverCode === ApiErrorCode.WrongLastSequence)
        return undefined;
      throw error;
    }
  }
}

const isNothing = (error: unknown): boolean =>
  isApiError(error, ApiErrorCode.MessageNotFound) ||
  (error instanceof Error && 'code' in error && error.code === 404);
