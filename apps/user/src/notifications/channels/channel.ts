/** What is to be delivered. */
export interface OutgoingNotification {
  /** The same for every attempt: whoever receives it twice can tell by it. */
  readonly id: string;
  readonly userId: string;
  /** The type of the event that it tells of, as in `order.paid`. */
  readonly type: string;
  /** When that was, ISO 8601. */
  readonly at: string;
  readonly text: string;
}

/** To whom, and within what. */
export interface DeliveryContext<S extends object> {
  /** What {@link NotificationChannel.accept} made for this user. */
  readonly settings: S;
  /** Aborts when the attempt's time is up, and at shutdown. */
  readonly signal: AbortSignal;
  readonly attempt: number;
}

/** What a channel made of the settings that a user gave. */
export interface AcceptedSettings<S extends object> {
  /** What is stored, encrypted. */
  settings: S;
  /** What the user is told besides, this once: a secret that was made. */
  told?: object;
}

/**
 * A way to reach users beside the inbox. A provider that is one registers itself and subscribes, in a group of its
 * own, to `NotificationDue`; retry, back-off, time-out and dead letters are what that `@Subscribe` says:
 *
 * ```ts
 * @Injectable()
 * export class SmsChannel implements NotificationChannel<SmsSettings>, OnModuleInit {
 *   readonly name = 'sms';
 *
 *   constructor(private readonly channels: Channels) {}
 *
 *   onModuleInit(): void {
 *     this.channels.register(this);
 *   }
 *
 *   @Subscribe(NotificationDue, { group: channelGroup('sms'), retry: { attempts: 10 } })
 *   handle(due: NotificationDue, @Context() message: EventMessage): Promise<void> {
 *     return this.channels.deliver(this, due, message);
 *   }
 *
 *   accept(given: object) { … }
 *   show({ number }: SmsSettings) { return { number }; }
 *   async deliver({ id, text }: OutgoingNotification, { settings, signal }: DeliveryContext<SmsSettings>) { … }
 * }
 *
 * @Module({ imports: [ChannelsModule], providers: [SmsChannel] })
 * export class SmsModule {}
 * ```
 */
export interface NotificationChannel<S extends object = object> {
  /** As in preferences: at most 32 letters, digits and dashes. */
  readonly name: string;
  /**
   * What is stored of the settings that a user gives; `known` are those stored before.
   * @throws ContractViolationError with what is wrong by path.
   */
  accept(given: object, known: S | undefined): AcceptedSettings<S> | Promise<AcceptedSettings<S>>;
  /** What may be shown of the settings later: no secrets. */
  show(settings: S): object;
  /** Throws to be called again as its retry policy says; a `PermanentError` where that cannot help. */
  deliver(notification: OutgoingNotification, context: DeliveryContext<S>): Promise<void>;
}

/** The group of a channel. */
export const channelGroup = (channel: string): string => `user-channel-${channel}`;
