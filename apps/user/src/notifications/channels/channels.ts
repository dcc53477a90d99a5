import { Injectable, Logger } from '@nestjs/common';
import { NotificationDue } from '@millrace/contracts';
import { configInvalid } from '@millrace/core';
import { EventMessage } from '@millrace/events';
import { type Bucket, InjectBucket } from '@millrace/storage';
import { Preferences } from '../preferences/preferences.bucket.js';
import { NotificationChannel } from './channel.js';

const NAME = /^[A-Za-z0-9-]{1,32}$/;

/** The channels that there are, and what a delivery over one comes to. */
@Injectable()
export class Channels {
  private readonly log = new Logger('Channels');
  private readonly byName = new Map<string, NotificationChannel>();

  constructor(@InjectBucket(Preferences) private readonly preferences: Bucket<Preferences>) {}

  /** @throws MillraceError `CONFIG_INVALID` for a name that is malformed, or that another channel has. */
  register(channel: NotificationChannel): void {
    const { name } = channel;
    if (!NAME.test(name)) {
      throw configInvalid(`'${name}' names no channel`, 'Use at most 32 letters, digits and dashes');
    }
    if (this.byName.has(name)) {
      throw configInvalid(`There are two channels '${name}'`, 'Give each a name of its own');
    }
    this.byName.set(name, channel);
  }

  find(name: string): NotificationChannel | undefined {
    return this.byName.get(name);
  }

  get names(): string[] {
    return [...this.byName.keys()];
  }

  /**
   * Delivers a notification over a channel, if its user chose that, and still does.
   * @throws what the channel throws
   */
  async deliver<S extends object>(
    channel: NotificationChannel<S>,
    due: NotificationDue,
    { attempt, signal }: EventMessage,
  ): Promise<void> {
    if (!due.channels.includes(channel.name)) return;
    const settings = await this.settingsOf(channel, due);
    if (!settings) {
      this.log.debug(`${due.userId} does not want to be reached over ${channel.name} any more`);
      return;
    }
    const { notificationId: id, userId, type, at, text } = due;
    await channel.deliver({ id, userId, type, at, text }, { settings, signal, attempt });
  }

  private async settingsOf<S extends object>(
    { name }: NotificationChannel<S>,
    { userId, registeredAt }: NotificationDue,
  ): Promise<S | undefined> {
    const preferences = (await this.preferences.get(userId))?.value;
    if (preferences?.registeredAt !== registeredAt) return undefined;
    const chosen = preferences.channels.find(({ channel }) => channel === name);
    // Stored by what this channel accepted.
    return chosen && ((chosen.settings ?? {}) as S);
  }
}
