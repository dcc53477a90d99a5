import { ConsumerInfo, StreamInfo } from '@nats-io/jetstream';
import {
  ApiErrorCode,
  diffConfig,
  errorMessage,
  isApiError,
  MillraceConnection,
  provisionConflict,
  provisionFailed,
  provisionMissing,
  ProvisionMode,
  TimerHandle,
} from '@millrace/core';
import { pausedForGood } from '../group/groups.js';
import {
  ConsumerDeclaration,
  fixedConfig,
  initialConfig,
  requiredConfig,
  StartFrom,
} from './consumer.declaration.js';

const TRACK_MS = 10_000;

export interface ManagedConsumerOptions {
  connection: MillraceConnection;
  declaration: ConsumerDeclaration;
  mode: ProvisionMode;
  /** Makes sure that the stream is there. */
  ensureStream: () => Promise<void>;
}

/** How far a group has come. */
interface Floor {
  /** Everything up to this sequence is settled, in every replica: whatever is not, is above it. */
  sequence: number;
  /** When the consumer was made that said so. */
  consumerCreated: number;
}

/** One consumer, kept as the code declares it: created, updated, and restored when it is deleted under us. */
export class ManagedConsumer {
  private tracker: TimerHandle | undefined;
  private floor: Floor | undefined;
  private lastInfo: ConsumerInfo | undefined;

  constructor(private readonly options: ManagedConsumerOptions) {}

  get stream(): string {
    return this.options.declaration.stream;
  }

  get name(): string {
    return this.options.declaration.name;
  }

  /** As the server last told, ten seconds ago at most. */
  get info(): ConsumerInfo | undefined {
    return this.lastInfo;
  }

  /**
   * @param start where to begin if it does not exist yet, in place of what is declared.
   * @throws MillraceError `PROVISION_CONFLICT`, `PROVISION_MISSING` or `PROVISION_FAILED`.
   */
  async ensure(start: StartFrom = this.options.declaration.from): Promise<void> {
    const { connection } = this.options;
    await connection.streams.patiently(() => this.ensureFrom(start));
    this.tracker ??= connection.clock.every(TRACK_MS, () => void this.track());
  }

  /**
   * Makes a consumer that went missing anew, beginning where every replica had settled everything: what was
   * settled since the floor was last read is handled a second time, nothing is left out.
   */
  async restore(): Promise<void> {
    const { connection, declaration, ensureStream } = this.options;
    if (await this.find()) return;
    await ensureStream();
    const stream = await connection.streams.find(declaration.stream);
    await this.ensureFrom(this.startAgain(stream));
    connection.log.warn(`Consumer ${declaration.stream} > ${declaration.name} was gone: made again`);
  }

  private startAgain(stream: StreamInfo | undefined): StartFrom {
    if (!this.floor) return this.options.declaration.from;
    const { sequence, consumerCreated } = this.floor;
    // A consumer is younger than its stream. Where it is not, or the stream ends below the floor, this is
    // another stream, which counts from 1 again: all of it is new.
    const same = stream && Date.parse(stream.created) <= consumerCreated && sequence <= stream.state.last_seq;
    return same ? sequence + 1 : 'beginning';
  }

  /** Has the server deliver nothing more, to whatever replica, until {@link resume}. */
  async pause(): Promise<void> {
    const { connection, declaration } = this.options;
    await connection.jsm.consumers.pause(declaration.stream, this.name, pausedForGood());
    await this.find();
  }

  async resume(): Promise<void> {
    const { connection, declaration } = this.options;
    await connection.jsm.consumers.resume(declaration.stream, this.name);
    await this.find();
  }

  /** Deletes the consumer on the server; its place in the stream is forgotten. */
  async remove(): Promise<void> {
    this.stop();
    try {
      await this.options.connection.jsm.consumers.delete(this.options.declaration.stream, this.name);
    } catch (error) {
      if (
        !isApiError(error, ApiErrorCode.ConsumerNotFound) &&
        !isApiError(error, ApiErrorCode.StreamNotFound)
      ) {
        throw provisionFailed(this.what, error);
      }
    }
  }

  stop(): void {
    this.tracker?.cancel();
    this.tracker = undefined;
  }

  private get what(): string {
    return `Consumer ${this.options.declaration.stream} > ${this.name}`;
  }

  private async ensureFrom(start: StartFrom): Promise<void> {
    const existing = (await this.find()) ?? (await this.create(start));
    const { declaration, mode } = this.options;
    const fixed = fixedConfig(declaration, existing.config);
    const unchangeable = diffConfig(fixed.declared, fixed.existing);
    if (unchangeable.length > 0) {
      throw provisionConflict(
        this.what,
        unchangeable,
        'Choose another group name, or delete the consumer and its place in the stream',
      );
    }
    const differences = diffConfig({ ...requiredConfig(declaration) }, { ...existing.config });
    if (differences.length > 0) {
      if (mode === 'bind') {
        throw provisionConflict(this.what, differences, "Change one of the two, or use provision: 'create'");
      }
      await this.update();
    }
    this.note(existing);
  }

  private async create(start: StartFrom): Promise<ConsumerInfo> {
    const { connection, declaration, mode } = this.options;
    if (mode === 'bind') throw provisionMissing(this.what);
    try {
      // One that was paused when it went missing comes back paused.
      const until = this.lastInfo?.paused ? { pause_until: pausedForGood().toISOString() } : {};
      const config = { ...initialConfig(declaration, start), ...until };
      return await connection.jsm.consumers.add(declaration.stream, config);
    } catch (error) {
      const taken =
        isApiError(error, ApiErrorCode.ConsumerExists) || isApiError(error, ApiErrorCode.ConsumerNameInUse);
      const theirs = taken ? await this.find() : undefined;
      if (theirs) return theirs;
      throw provisionFailed(this.what, error);
    }
  }

  private async update(): Promise<void> {
    const { connection, declaration } = this.options;
    try {
      await connection.jsm.consumers.update(declaration.stream, this.name, requiredConfig(declaration));
    } catch (error) {
      throw provisionFailed(this.what, error);
    }
  }

  private async find(): Promise<ConsumerInfo | undefined> {
    const { connection, declaration } = this.options;
    try {
      const info = await connection.jsm.consumers.info(declaration.stream, declaration.name);
      this.note(info);
      return info;
    } catch (error) {
      if (
        isApiError(error, ApiErrorCode.ConsumerNotFound) ||
        isApiError(error, ApiErrorCode.StreamNotFound)
      ) {
        return undefined;
      }
      throw provisionFailed(this.what, error);
    }
  }

  private note(info: ConsumerInfo): void {
    this.lastInfo = info;
    this.floor = { sequence: info.ack_floor.stream_seq, consumerCreated: Date.parse(info.created) };
  }

  private async track(): Promise<void> {
    try {
      await this.find();
    } catch (error) {
      this.options.connection.log.debug(`${this.what}: ${errorMessage(error)}`);
    }
  }
}
