import {
  ContextSettings,
  eventStreamDeclaration,
  MillraceConnection,
  ProvisionMode,
  settingsFor,
} from '@millrace/core';
import {
  advisoryStream,
  deadLetterStream,
  DeadLetterSettings,
  InboxSettings,
  inboxStream,
  groupStream,
} from '@millrace/delivery';

/** How each context's events are kept; `'*'` for those not named. */
export type ContextOptions = Readonly<Record<string, ContextSettings>>;

export interface DeadLetterOptions extends DeadLetterSettings {
  /**
   * Whether the server's advisories of terminated and given up events are captured, and made dead letters: those of
   * the consumers of all clients, by whichever application is there, or each application's `own`, for which it needs
   * to read no streams but those it subscribes to. Default `true`.
   */
  advisories?: boolean | 'own';
}

export interface ProvisionOptions {
  mode: ProvisionMode;
  contexts: ContextOptions;
  deadLetters: DeadLetterOptions;
  inbox: InboxSettings;
}

/** Makes the streams of contexts and of dead letters agree with the code. */
export class ContextProvisioner {
  private readonly ready = new Set<string>();

  constructor(
    private readonly connection: MillraceConnection,
    private readonly options: ProvisionOptions,
  ) {}

  get mode(): ProvisionMode {
    return this.options.mode;
  }

  settingsOf(context: string): ContextSettings {
    return settingsFor(this.options.contexts, context);
  }

  /** The contexts that the options name. */
  declared(): string[] {
    return Object.keys(this.options.contexts).filter((context) => context !== '*');
  }

  /** Whether {@link ensure} has succeeded for it: asked before every publish. */
  isReady(context: string): boolean {
    return this.ready.has(context);
  }

  /** Checked once per process. @throws what `StreamProvisioner.ensure` throws. */
  async ensure(context: string): Promise<void> {
    const { streams } = this.connection;
    await streams.ensureOnce(eventStreamDeclaration(context, this.settingsOf(context)), this.options.mode);
    this.ready.add(context);
  }

  /** Checked each time: for a stream that may have been deleted. */
  async restore(context: string): Promise<void> {
    const { streams } = this.connection;
    await streams.ensure(eventStreamDeclaration(context, this.settingsOf(context)), this.options.mode);
  }

  async ensureDeadLetters(): Promise<void> {
    const { mode, deadLetters } = this.options;
    const streams = [
      deadLetterStream(deadLetters),
      ...(this.advisories === 'none' ? [] : [advisoryStream(deadLetters)]),
    ];
    await Promise.all(streams.map((stream) => this.connection.streams.ensureOnce(stream, mode)));
  }

  /** Of whose events it is wanted what the server tells of those that it gave up. */
  get advisories(): 'all' | 'own' | 'none' {
    const { advisories = true } = this.options.deadLetters;
    return advisories === 'own' ? 'own' : advisories ? 'all' : 'none';
  }

  /** Checked each time: for a stream that may have been deleted. */
  async restoreAdvisories(): Promise<void> {
    await this.connection.streams.ensure(advisoryStream(this.options.deadLetters), this.options.mode);
  }

  /** Checked each time: for a stream that may have been deleted. */
  async restoreDeadLetters(): Promise<void> {
    await this.connection.streams.ensure(deadLetterStream(this.options.deadLetters), this.options.mode);
  }

  /** What the replicas of a group tell each other. */
  async ensureGroups(): Promise<void> {
    await this.connection.streams.ensureOnce(groupStream(this.options.deadLetters), this.options.mode);
  }

  /** Checked each time: for a stream that may have been deleted. */
  async restoreGroups(): Promise<void> {
    await this.connection.streams.ensure(groupStream(this.options.deadLetters), this.options.mode);
  }

  /** What idempotent subscribers have handled. */
  async ensureInbox(): Promise<void> {
    await this.connection.streams.ensureOnce(inboxStream(this.options.inbox), this.options.mode);
  }

  /** Checked each time: for a stream that may have been deleted. */
  async restoreInbox(): Promise<void> {
    await this.connection.streams.ensure(inboxStream(this.options.inbox), this.options.mode);
  }
}
