import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { USER_CHANGES, UserRegistered, UserUnregistered, UserUpdated } from '@millrace/contracts';
import { InjectConnection, type MillraceConnection } from '@millrace/core';
import { noteInLog } from '@millrace-apps/shared';
import { type Bucket, type CommitAllDecision, type Entry, InjectBucket } from '@millrace/storage';
import { pointerTo, type User, userOf, UserRecord } from './users.bucket.js';
import { emailTaken, userExists, userUnknown } from './users.errors.js';
import { EmailKeys, isListedKey, listedKey, userKey } from './users.keys.js';

/** Who is to be registered; without an id one is made. */
export interface NewUser {
  id?: string | undefined;
  name: string;
  email: string;
}

/** What is to be changed of a user. */
export type UserChanges = Partial<Pick<User, 'name' | 'email'>>;

/** Which users are wanted, in the order they registered. */
export interface UserRange {
  limit: number;
  /** ISO 8601 */
  since?: string;
  /** Where the page before ended. */
  after?: number;
}

export interface UserPage {
  items: User[];
  nextAfter?: number;
}

/** By how much the clocks of replicas and server may differ, for `since` to miss nobody. */
const CLOCK_SKEW_MS = 60_000;

type Found = ReadonlyMap<string, Entry<UserRecord>>;
type Decision = CommitAllDecision<UserRecord>;

/**
 * Registers users, changes and forgets them. A user, the entries that find it and the event are one commit:
 * there is never one without the others.
 */
@Injectable()
export class UsersService {
  constructor(
    @InjectBucket(UserRecord) private readonly users: Bucket<UserRecord>,
    @InjectConnection() private readonly connection: MillraceConnection,
    private readonly emails: EmailKeys,
  ) {}

  /** @throws ConflictException `USER_EXISTS`, or `EMAIL_TAKEN` where only the email is somebody's */
  async register({ id = randomUUID(), name, email }: NewUser): Promise<User> {
    noteInLog({ userId: id });
    const user: User = { id, name, email, origin: 'api', registeredAt: this.now() };
    const emailKey = this.emails.of(email);
    await this.users.commitAll([userKey(id), listedKey(id), emailKey], (found) => {
      if (found.has(userKey(id))) throw userExists(id);
      if (found.has(emailKey)) throw emailTaken();
      return this.arrival(user);
    });
    return user;
  }

  /** Registers a user that the timer asked for. Asked again for the same one, it changes nothing. */
  async registerGenerated({ id, name }: { id: string; name: string }): Promise<void> {
    const user: User = { id, name, origin: 'timer', registeredAt: this.now() };
    await this.users.commitAll([userKey(id), listedKey(id)], (found) =>
      found.has(userKey(id)) ? {} : this.arrival(user),
    );
  }

  /** @throws NotFoundException `USER_UNKNOWN`; ConflictException `EMAIL_TAKEN` where it is somebody else's */
  update(id: string, changes: UserChanges): Promise<User> {
    return this.decided(id, (known) => {
      const keys = [userKey(id), ...this.emails.ofUser(known), ...this.emails.ofUser(changes)];
      return { keys, decide: (user, found) => this.change(user, changes, found) };
    });
  }

  /** When the user left, ISO 8601. @throws NotFoundException `USER_UNKNOWN` */
  unregister(id: string): Promise<string> {
    return this.decided(id, (known) => {
      const keys = [userKey(id), listedKey(id), ...this.emails.ofUser(known)];
      return { keys, decide: (user) => this.departure(user, keys) };
    });
  }

  /** @throws NotFoundException `USER_UNKNOWN` */
  async get(id: string): Promise<User> {
    const user = await this.find(id);
    if (!user) throw userUnknown(id);
    return user;
  }

  async find(id: string): Promise<User | undefined> {
    return userOf((await this.users.get(userKey(id)))?.value);
  }

  /** Users in the order they registered. Nobody's coming or going moves those who stay to another page. */
  async list({ limit, since, after }: UserRange): Promise<UserPage> {
    const from = since === undefined ? 0 : Date.parse(since);
    const written = since === undefined ? undefined : new Date(Math.max(0, from - CLOCK_SKEW_MS));
    const listed: Entry<UserRecord>[] = [];
    for await (const entry of this.users.entries(isListedKey, { after, since: written })) {
      if (Date.parse(entry.value.registeredAt) >= from) listed.push(entry);
      if (listed.length > limit) break;
    }
    const page = listed.slice(0, limit);
    const found = await Promise.all(page.map(({ value }) => this.find(value.id)));
    const last = listed.length > limit ? page.at(-1) : undefined;
    return {
      // One may have left since it was listed.
      items: found.filter((user) => user !== undefined),
      ...(last ? { nextAfter: last.revision } : {}),
    };
  }

  /**
   * Commits what is decided about a user, by its email's key too. Again only where the user changed its email, or
   * left and came back with another, between the look and the commit.
   */
  private async decided<R>(id: string, plan: (known: User) => Plan<R>): Promise<R> {
    for (;;) {
      const known = await this.get(id);
      const { keys, decide } = plan(known);
      const outcome: { result?: R } = {};
      await this.users.commitAll(new Set(keys), (found) => {
        delete outcome.result;
        const user = userOf(found.get(userKey(id))?.value);
        if (!user) throw userUnknown(id);
        if (user.email !== known.email) return {};
        const { result, decision } = decide(user, found);
        outcome.result = result;
        return decision;
      });
      if (outcome.result !== undefined) return outcome.result;
    }
  }

  private arrival(user: User): Decision {
    const { id, updatedAt: _none, ...fields } = user;
    return {
      states: [
        [userKey(id), user],
        ...[listedKey(id), ...this.emails.ofUser(user)].map((key) => [key, pointerTo(user)] as const),
      ],
      events: [new UserRegistered({ userId: id, ...fields })],
    };
  }

  private change(known: User, given: UserChanges, found: Found): Decided<User> {
    const { id } = known;
    const changes = USER_CHANGES.filter((name) => given[name] !== undefined && given[name] !== known[name]);
    if (changes.length === 0) return { result: known, decision: {} };
    const updatedAt = this.nowAfter(known.updatedAt ?? known.registeredAt);
    const changed: UserChanges = Object.fromEntries(changes.map((name) => [name, given[name]]));
    const user: User = { ...known, ...changed, updatedAt };
    const { name, email } = user;
    const before = this.emails.ofUser(known);
    const after = this.emails.ofUser(user);
    if (after.some((key) => (found.get(key)?.value.id ?? id) !== id)) throw emailTaken();
    return {
      result: user,
      decision: {
        states: [
          [userKey(id), user],
          ...before.filter((key) => !after.includes(key)).map((key) => [key, null] as const),
          ...after.filter((key) => !before.includes(key)).map((key) => [key, pointerTo(user)] as const),
        ],
        events: [
          new UserUpdated({
            userId: id,
            changes,
            name,
            ...(email === undefined ? {} : { email }),
            updatedAt,
          }),
        ],
      },
    };
  }

  private departure({ id, registeredAt, updatedAt }: User, keys: readonly string[]): Decided<string> {
    const unregisteredAt = this.nowAfter(updatedAt ?? registeredAt);
    return {
      result: unregisteredAt,
      decision: {
        states: keys.map((key) => [key, null] as const),
        events: [new UserUnregistered({ userId: id, unregisteredAt })],
      },
    };
  }

  private now(): string {
    return new Date(this.connection.clock.now()).toISOString();
  }

  // Readers order a user's events by time, and another replica's clock may have been ahead.
  private nowAfter(earlier: string): string {
    return new Date(Math.max(this.connection.clock.now(), Date.parse(earlier) + 1)).toISOString();
  }
}

interface Decided<R> {
  result: R;
  decision: Decision;
}

interface Plan<R> {
  keys: readonly string[];
  decide: (user: User, found: Found) => Decided<R>;
}
