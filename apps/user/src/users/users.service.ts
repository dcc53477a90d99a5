import { ConflictException, Injectable, NotFoundException } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { UserRegistered, UserUnregistered } from '@millrace/contracts';
import { InjectConnection, type MillraceConnection } from '@millrace/core';
import { type Page, PageQuery, takePage } from '@millrace-apps/shared';
import { type Bucket, InjectBucket } from '@millrace/storage';
import { UserProfile } from './users.bucket.js';
import { EmailKeys, isUserKey, userKey } from './users.keys.js';

/** Who is to be registered; without an id one is made. */
export interface NewUser {
  id?: string | undefined;
  name: string;
  email: string;
}

/**
 * Registers users and forgets them. A user, the email's entry and the event are one commit: there is never one
 * without the others.
 */
@Injectable()
export class UsersService {
  constructor(
    @InjectBucket(UserProfile) private readonly users: Bucket<UserProfile>,
    @InjectConnection() private readonly connection: MillraceConnection,
    private readonly emails: EmailKeys,
  ) {}

  /** @throws ConflictException `USER_EXISTS`, or `EMAIL_TAKEN` where only the email is somebody's */
  async register(user: NewUser): Promise<UserProfile> {
    const { id = randomUUID(), name, email } = user;
    const profile: UserProfile = { id, name, email, origin: 'api', registeredAt: this.now() };
    const [key, emailKey] = [userKey(id), this.emails.of(email)];
    await this.users.commitAll([key, emailKey], (current) => {
      if (current.has(key)) throw userExists(id);
      if (current.has(emailKey)) throw emailTaken();
      return {
        states: [
          [key, profile],
          [emailKey, profile],
        ],
        events: [registered(profile)],
      };
    });
    return profile;
  }

  /** Registers a user that the timer asked for. Asked again for the same one, it changes nothing. */
  async registerGenerated({ id, name }: { id: string; name: string }): Promise<void> {
    const profile: UserProfile = { id, name, origin: 'timer', registeredAt: this.now() };
    await this.users.commit(userKey(id), (current) =>
      current ? {} : { state: profile, events: [registered(profile)] },
    );
  }

  /** When the user left, ISO 8601. @throws NotFoundException `USER_UNKNOWN` */
  async unregister(id: string): Promise<string> {
    // Again only where the user left and came back with another email in between.
    for (;;) {
      const unregisteredAt = await this.leave(await this.get(id));
      if (unregisteredAt !== undefined) return unregisteredAt;
    }
  }

  /** @throws NotFoundException `USER_UNKNOWN` */
  async get(id: string): Promise<UserProfile> {
    const entry = await this.users.get(userKey(id));
    if (!entry) throw userUnknown(id);
    return entry.value;
  }

  /** Users in the order they registered. */
  async list(query: PageQuery): Promise<Page<UserProfile>> {
    const page = await takePage(this.users.keys(isUserKey), query);
    const entries = await Promise.all(page.items.map((key) => this.users.get(key)));
    // One may have left since its key was listed.
    return { ...page, items: entries.flatMap((entry) => (entry ? [entry.value] : [])) };
  }

  /** When the user left; `undefined` where the email was not that one any more. */
  private async leave({ id, email }: UserProfile): Promise<string | undefined> {
    const key = userKey(id);
    const keys = [key, ...(email === undefined ? [] : [this.emails.of(email)])];
    let unregisteredAt: string | undefined;
    await this.users.commitAll(keys, (current) => {
      const found = current.get(key)?.value;
      if (!found) throw userUnknown(id);
      unregisteredAt = undefined;
      if (found.email !== email) return {};
      const own = [...current.values()].filter(({ value }) => value.id === id);
      unregisteredAt = this.nowAfter(found.registeredAt);
      return {
        states: own.map((entry) => [entry.key, null] as const),
        events: [new UserUnregistered({ userId: id, unregisteredAt })],
      };
    });
    return unregisteredAt;
  }

  private now(): string {
    return new Date(this.connection.clock.now()).toISOString();
  }

  // Readers order the two events by time, and another replica's clock may have been ahead.
  private nowAfter(earlier: string): string {
    return new Date(Math.max(this.connection.clock.now(), Date.parse(earlier) + 1)).toISOString();
  }
}

const registered = ({ id, ...fields }: UserProfile): UserRegistered =>
  new UserRegistered({ userId: id, ...fields });

const userExists = (id: string): ConflictException =>
  new ConflictException({
    code: 'USER_EXISTS',
    message: 'A user with this id is registered already',
    userId: id,
  });

// Says neither whose it is nor which: the answer is no way to find out about others.
const emailTaken = (): ConflictException =>
  new ConflictException({ code: 'EMAIL_TAKEN', message: 'A user with this email is registered already' });

export const userUnknown = (id: string): NotFoundException =>
  new NotFoundException({ code: 'USER_UNKNOWN', message: 'No user with this id is registered', userId: id });
