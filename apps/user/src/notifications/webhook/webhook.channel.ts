import { Injectable, type OnModuleInit } from '@nestjs/common';
import { IsOptional, IsString, Matches, MaxLength } from 'class-validator';
import { NotificationDue } from '@millrace/contracts';
import {
  ContractViolationError,
  ErrorCode,
  InjectConnection,
  type MillraceConnection,
  PermanentError,
  toMillis,
  toValidInstance,
} from '@millrace/core';
import { Context, EventMessage, exponential, Subscribe } from '@millrace/events';
import { UserConfig } from '../../user.config.js';
import {
  type AcceptedSettings,
  channelGroup,
  type DeliveryContext,
  type NotificationChannel,
  type OutgoingNotification,
} from '../channels/channel.js';
import { Channels } from '../channels/channels.js';
import { postWebhook } from './webhook.sender.js';
import { newSecret, SECRET_FORM, signatureHeaders } from './webhook.signature.js';
import { WebhookTargets } from './webhook.targets.js';

const NAME = 'webhook';
/** The receiver says by it that it wants no more, as Standard Webhooks has it. */
const GONE = 410;

/** What a user gives. */
class WebhookRequestSettings {
  @IsString() @MaxLength(2000) url!: string;
  /** Where it is left out, the one before stays, or one is made. */
  @IsOptional()
  @Matches(SECRET_FORM, { message: "secret must be 'whsec_' and 24 to 64 bytes in base64" })
  secret?: string;
}

export interface WebhookSettings {
  url: string;
  secret: string;
}

/** Posts notifications to a URL of the user's, signed. */
@Injectable()
export class WebhookChannel implements NotificationChannel<WebhookSettings>, OnModuleInit {
  readonly name: string = NAME;
  private readonly targets: WebhookTargets;
  private readonly timeoutMs: number;

  constructor(
    protected readonly channels: Channels,
    @InjectConnection() private readonly connection: MillraceConnection,
    config: UserConfig,
  ) {
    this.targets = new WebhookTargets(config.WEBHOOK_HOSTS);
    this.timeoutMs = toMillis(config.WEBHOOK_TIMEOUT);
  }

  onModuleInit(): void {
    this.channels.register(this);
  }

  // Some 17 minutes at most. Many at once: each may wait for a receiver that does not answer.
  @Subscribe(NotificationDue, {
    group: channelGroup(NAME),
    retry: { attempts: 11, backoff: exponential('1s', '10m') },
    concurrency: 64,
  })
  handle(due: NotificationDue, @Context() message: EventMessage): Promise<void> {
    return this.channels.deliver(this, due, message);
  }

  async accept(
    given: object,
    known: WebhookSettings | undefined,
  ): Promise<AcceptedSettings<WebhookSettings>> {
    const subject = { code: ErrorCode.ValueInvalid, name: 'The webhook' };
    const { url, secret } = await toValidInstance(WebhookRequestSettings, given, subject);
    const refusal = this.targets.refusal(url);
    if (refusal !== undefined) {
      const violation = { path: 'url', constraint: 'isWebhookUrl', message: `url ${refusal}` };
      throw new ContractViolationError(ErrorCode.ValueInvalid, subject.name, [violation]);
    }
    const kept = secret ?? known?.secret;
    if (kept !== undefined) return { settings: { url, secret: kept } };
    const made = newSecret();
    return { settings: { url, secret: made }, told: { secret: made } };
  }

  show({ url }: WebhookSettings): object {
    return { url };
  }

  /** @throws Error for any answer but 2xx; PermanentError where the receiver is gone, or not allowed. */
  async deliver(
    { id, userId, type, at, text }: OutgoingNotification,
    { settings, signal }: DeliveryContext<WebhookSettings>,
  ): Promise<void> {
    const body = JSON.stringify({ type, timestamp: at, data: { id, userId, text } });
    const signed = { id, now: this.connection.clock.now(), body };
    const headers = {
      'content-type': 'application/json',
      'user-agent': 'Millrace',
      ...signatureHeaders(settings.secret, signed),
    };
    const ends = AbortSignal.any([signal, AbortSignal.timeout(this.timeoutMs)]);
    const status = await postWebhook({ url: settings.url, headers, body, signal: ends }, this.targets);
    if (status === GONE) throw new PermanentError('The receiver of the webhook is gone (410)');
    if (status < 200 || status > 299) throw new Error(`The receiver of the webhook answered ${status}`);
  }
}
