import { JetStreamManager, StreamConfig, StreamInfo } from '@nats-io/jetstream';
import { MillraceError, PublishError } from '../errors/millrace.error.js';
import { Log } from '../logging/log.js';
import { JetStreamPublisher } from '../publishing/jetstream.publisher.js';
import { describeDifferences, diffConfig } from './config.diff.js';
import { ApiErrorCode, isApiError } from './api-error.js';
import { underProvisionLease } from './provision.lease.js';
import { provisionConflict, provisionFailed, provisionMissing, ProvisionMode } from './provision.errors.js';
import { ProvisionPatience, provisionPatiently } from './provision.patience.js';

type Settings = Partial<Omit<StreamConfig, 'name'>>;

/** A stream that the code declares. */
export interface StreamDeclaration {
  name: string;
  /** The whole configuration of a stream that does not exist yet. */
  initial: Settings;
  /** What must hold of one that does: what the framework needs, and what the code says explicitly. */
  required: Settings;
  /** How to bring a declared list into an existing one (subjects, sources) instead of replacing it. */
  merge?: (existing: StreamConfig) => Settings;
}

/** Makes streams agree with what the code declares: creates, updates, or refuses and says what differs. */
export class StreamProvisioner {
  private readonly settled = new Map<string, Promise<void>>();

  constructor(
    private readonly jsm: JetStreamManager,
    private readonly publisher: JetStreamPublisher,
    private readonly patience: ProvisionPatience,
  ) {}

  private get log(): Log {
    return this.patience.log;
  }

  /** Repeats what provisions while it fails for want of a leader, `connectTimeout` at most. */
  patiently<T>(task: () => Promise<T>): Promise<T> {
    return provisionPatiently(task, this.patience);
  }

  /** The stream as it stands; `undefined` where there is none. */
  async find(name: string): Promise<StreamInfo | undefined> {
    try {
      return await this.jsm.streams.info(name);
    } catch (error) {
      if (isApiError(error, ApiErrorCode.StreamNotFound)) return undefined;
      throw provisionFailed(`Stream ${name}`, error);
    }
  }

  /** {@link ensure}, asked once per declaration; a failure may be asked again. */
  ensureOnce(declaration: StreamDeclaration, mode: ProvisionMode): Promise<void> {
    const { name, initial, required } = declaration;
    const asked = JSON.stringify([mode, name, initial, required]);
    const known = this.settled.get(asked);
    if (known) return known;
    const ensuring = this.ensure(declaration, mode);
    this.settled.set(asked, ensuring);
    ensuring.catch(() => this.settled.delete(asked));
    return ensuring;
  }

  /** @throws MillraceError `PROVISION_CONFLICT`, `PROVISION_MISSING` or `PROVISION_FAILED`. */
  ensure(declaration: StreamDeclaration, mode: ProvisionMode): Promise<void> {
    return this.patiently(() => this.attempt(declaration, mode));
  }

  private async attempt(declaration: StreamDeclaration, mode: ProvisionMode): Promise<void> {
    const { name } = declaration;
    const existing = (await this.find(name)) ?? (await this.create(declaration, mode));
    if (!existing) return;
    const differences = diffConfig(wanted(declaration, existing.config), { ...existing.config });
    if (differences.length === 0) return;
    if (mode === 'bind') {
      throw provisionConflict(
        `Stream ${name}`,
        differences,
        "Change one of the two, or use provision: 'create'",
      );
    }
    await this.update(declaration);
  }

  /** Creates the stream; gives back the one that another replica made meanwhile. */
  private async create(declaration: StreamDeclaration, mode: ProvisionMode): Promise<StreamInfo | undefined> {
    const { name, initial, required } = declaration;
    if (mode === 'bind') throw provisionMissing(`Stream ${name}`);
    try {
      await this.jsm.streams.add({ ...initial, ...required, name });
      this.log.log(`Created stream ${name}`);
      return undefined;
    } catch (error) {
      const theirs = isApiError(error, ApiErrorCode.StreamNameInUse) ? await this.find(name) : undefined;
      if (theirs) return theirs;
      throw provisionFailed(`Stream ${name}`, error);
    }
  }

  private async update(declaration: StreamDeclaration): Promise<void> {
    const { name } = declaration;
    try {
      await this.updateInTurn(declaration);
    } catch (error) {
      const said = error instanceof MillraceError && !(error instanceof PublishError);
      throw said ? error : provisionFailed(`Stream ${name}`, error);
    }
  }

  private async updateInTurn(declaration: StreamDeclaration): Promise<void> {
    const { name } = declaration;
    await underProvisionLease({ jsm: this.jsm, publisher: this.publisher }, name, async () => {
      const existing = await this.find(name);
      if (!existing) throw provisionFailed(`Stream ${name}`, new Error('it was deleted meanwhile'));
      const settings = wanted(declaration, existing.config);
      const differences = diffConfig(settings, { ...existing.config });
      if (differences.length === 0) return;
      try {
        await this.jsm.streams.update(name, { ...existing.config, ...settings });
      } catch (error) {
        if (!isApiError(error, ApiErrorCode.StreamConfigInvalid, ApiErrorCode.SubjectsOverlap)) throw error;
        throw provisionConflict(
          `Stream ${name}`,
          differences,
          'The server cannot change this in place: declare what exists, or move the data to a new stream and delete this one',
          error,
        );
      }
      this.log.log(`Updated stream ${name}: ${describeDifferences(differences)}`);
    });
  }
}

const wanted = ({ required, merge }: StreamDeclaration, existing: StreamConfig): Settings => ({
  ...required,
  ...merge?.(existing),
});
