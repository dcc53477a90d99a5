import { ConflictException, Injectable, NotFoundException } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { UserRegistered, UserUnregistered } from '@millrace/contracts';
import { InjectConnection, type MillraceConnection } from '@millrace/core';
import { type Page, PageQuery, takePage } from '@millrace-apps/shared';
import { type Bucket, InjectBucket } from '@millrace/storage';
import { UserProfile } from './users.bucket.js';
import { RegisterUserDto } from './users.dto.js';

/** Registers users and forgets them. State and event are one commit: there is never one without the other. */
@Injectable()
export class UsersService {
  constructor(
    @InjectBucket(UserProfile) private readonly users: Bucket<UserProfile>,
    @InjectConnection() private readonly connection: MillraceConnection,
  ) {}

  /** @throws ConflictException `USER_EXISTS` */
  async register({ id = randomUUID(), name, email }: RegisterUserDto): Promise<UserProfile> {
    const profile: UserProfile = { id, name, email, origin: 'api', registeredAt: this.now() };
    await this.users.commit(id, (current) => {
      if (current) throw userExists(id);
      return { state: profile, events: [registered(profile)] };
    });
    return profile;
  }

  /** Registers a user that the timer asked for. Asked again for the same one, it changes nothing. */
  async registerGenerated({ id, name }: { id: string; name: string }): Promise<void> {
    const profile: UserProfile = { id, name, origin: 'timer', registeredAt: this.now() };
    await this.users.commit(id, (current) =>
      current ? {} : { state: profile, events: [registered(profile)] },
    );
  }

  /** @throws NotFoundException `USER_UNKNOWN` */
  async unregister(id: string): Promise<void> {
    await this.users.commit(id, (current) => {
      if (!current) throw userUnknown(id);
      const unregisteredAt = this.nowAfter(current.value.registeredAt);
      return { state: null, events: [new UserUnregistered({ userId: id, unregisteredAt })] };
    });
  }

  /** @throws NotFoundException `USER_UNKNOWN` */
  async get(id: string): Promise<UserProfile> {
    const entry = await this.users.get(id);
    if (!entry) throw userUnknown(id);
    return entry.value;
  }

  /** Users in the order they registered. */
  async list(query: PageQuery): Promise<Page<UserProfile>> {
    const page = await takePage(this.users.keys(), query);
    const entries = await Promise.all(page.items.map((id) => this.users.get(id)));
    // One may have left since its key was listed.
    return { ...page, items: entries.flatMap((entry) => (entry ? [entry.value] : [])) };
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

export const userUnknown = (id: string): NotFoundException =>
  new NotFoundException({ code: 'USER_UNKNOWN', message: 'No user with this id is registered', userId: id });
