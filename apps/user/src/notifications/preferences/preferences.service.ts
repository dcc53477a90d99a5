import { Injectable } from '@nestjs/common';
import { ContractViolationError, type Duration, ErrorCode } from '@millrace/core';
import { type Bucket, InjectBucket } from '@millrace/storage';
import { type User } from '../../users/users.bucket.js';
import { UsersService } from '../../users/users.service.js';
import { Channels } from '../channels/channels.js';
import { isNotificationType } from '../notification.text.js';
import { ChosenChannel, defaultPreferences, Preferences } from './preferences.bucket.js';
import { ChannelDto, PreferencesDto } from './preferences.dto.js';

/** For how long a user who left can still be told so over the channels: as long as deliveries are retried, and more. */
const AFTERLIFE: Duration = '1d';

/** How users want to be notified. */
@Injectable()
export class PreferencesService {
  constructor(
    @InjectBucket(Preferences) private readonly preferences: Bucket<Preferences>,
    private readonly users: UsersService,
    private readonly channels: Channels,
  ) {}

  /** What holds for a user, also where nothing was chosen. */
  async of({ id, registeredAt }: Pick<User, 'id' | 'registeredAt'>): Promise<Preferences> {
    const stored = (await this.preferences.get(id))?.value;
    return stored?.registeredAt === registeredAt ? stored : defaultPreferences(registeredAt);
  }

  /** Without secrets. @throws NotFoundException `USER_UNKNOWN` */
  async show(userId: string): Promise<PreferencesDto> {
    const { types, channels } = await this.of(await this.users.get(userId));
    return {
      ...(types === undefined ? {} : { types: types.filter(isNotificationType) }),
      channels: channels.flatMap((chosen) => this.shown(chosen)),
    };
  }

  /**
   * Replaces what was chosen. The answer tells secrets that were made for it, this once.
   * @throws NotFoundException `USER_UNKNOWN`; ContractViolationError `VALUE_INVALID`
   */
  async choose(userId: string, { types, channels }: PreferencesDto): Promise<PreferencesDto> {
    const user = await this.users.get(userId);
    const { channels: known } = await this.of(user);
    const accepted = await Promise.all(channels.map((channel, at) => this.accept(channel, { at, known })));
    const { registeredAt } = user;
    await this.preferences.put(userId, {
      registeredAt,
      ...(types === undefined ? {} : { types }),
      channels: accepted.map(({ chosen }) => chosen),
    });
    await this.forgetIfGone(user);
    return {
      ...(types === undefined ? {} : { types }),
      channels: accepted.flatMap(({ chosen, told }) =>
        this.shown(chosen).map(({ channel, settings }) => ({ channel, settings: { ...settings, ...told } })),
      ),
    };
  }

  /** What a user chose who left; it is gone after a while. */
  async ofLeaver(userId: string, now: User | undefined): Promise<Preferences | undefined> {
    const entry = await this.preferences.get(userId);
    // Somebody else has taken the id since.
    if (!entry || entry.value.registeredAt === now?.registeredAt) return undefined;
    await this.preferences.update(userId, entry.value, entry.revision, { ttl: AFTERLIFE });
    return entry.value;
  }

  // The user may have left while it chose, and been forgotten before this was stored.
  private async forgetIfGone({ id, registeredAt }: User): Promise<void> {
    const now = await this.users.find(id);
    if (now?.registeredAt === registeredAt) return;
    await this.preferences.delete(id);
    await this.users.get(id);
  }

  private async accept(
    { channel: name, settings = {} }: ChannelDto,
    { at, known }: { at: number; known: readonly ChosenChannel[] },
  ): Promise<{ chosen: ChosenChannel; told: object | undefined }> {
    const path = `channels.${at}`;
    const channel = this.channels.find(name);
    if (!channel) {
      const message = `channel must be one of the following values: ${this.channels.names.join(', ')}`;
      throw invalid([{ path: `${path}.channel`, constraint: 'isIn', message }]);
    }
    try {
      const before = known.find((chosen) => chosen.channel === name)?.settings;
      const { settings: made, told } = await channel.accept(settings, before);
      return { chosen: { channel: name, settings: made }, told };
    } catch (error) {
      if (!(error instanceof ContractViolationError)) throw error;
      throw invalid(
        error.violations.map((violation) => ({ ...violation, path: `${path}.settings.${violation.path}` })),
      );
    }
  }

  // A channel may be gone from the app since it was chosen.
  private shown({ channel: name, settings = {} }: ChosenChannel): ChannelDto[] {
    const channel = this.channels.find(name);
    return channel ? [{ channel: name, settings: channel.show(settings) }] : [];
  }
}

const invalid = (violations: ContractViolationError['violations']): ContractViolationError =>
  new ContractViolationError(ErrorCode.ValueInvalid, 'The preferences', violations);
