import { RetentionPolicy, StorageType } from '@nats-io/jetstream';
import {
  ApiErrorCode,
  explicitStreamConfig,
  isApiError,
  MillraceConnection,
  ProvisionMode,
  StreamDeclaration,
} from '@millrace/core';
import { DEAD_ROOT } from '@millrace/delivery';
import { CommandName } from '../contracts/command.subject.js';
import { StateSettings } from '../state/command.state.js';

/** Which tasks go first: where a handler's places are taken, a free one goes to the highest. */
export const PRIORITIES = ['high', 'normal', 'low'] as const;
export type Priority = (typeof PRIORITIES)[number];

export const TASK_STREAM = 'COMMAND_TASKS';
const ROOT = 'tasks';

const declaration = (settings: StateSettings): StreamDeclaration => ({
  name: TASK_STREAM,
  initial: {
    description: 'Dispatched commands, until they are handled',
    subjects: [`${ROOT}.*.*.*.*`],
    retention: RetentionPolicy.Workqueue,
    storage: StorageType.File,
    num_replicas: 1,
  },
  required: explicitStreamConfig(settings),
});

/** `tasks.<context>.<command>.<priority>.<id>` */
export const taskSubject = (
  { context, command }: CommandName,
  priority: Priority | '*',
  id: string,
): string => `${ROOT}.${context}.${command}.${priority}.${id}`;

/** `dead.<context>.<command>.<group>.<id>` */
export const taskDeadSubject = ({ context, command }: CommandName, group: string, id: string): string =>
  `${DEAD_ROOT}.${context}.${command}.${group}.${id}`;

/** The task's id of its subject. */
export const taskIdOf = (subject: string): string => subject.split('.')[4] ?? '';

/** The work queue. */
export class TaskQueue {
  constructor(
    private readonly connection: MillraceConnection,
    private readonly own: { mode: ProvisionMode; settings: StateSettings },
  ) {}

  get mode(): ProvisionMode {
    return this.own.mode;
  }

  /** The server is asked once. */
  async ensure(): Promise<void> {
    await this.connection.streams.ensureOnce(declaration(this.own.settings), this.own.mode);
  }

  /** Asked each time: for a stream that may have been deleted. */
  async restore(): Promise<void> {
    await this.connection.streams.ensure(declaration(this.own.settings), this.own.mode);
  }

  /** Whether the task waits, or is being handled. */
  async holds(id: string): Promise<boolean> {
    await this.ensure();
    try {
      const filter = { last_by_subj: `${ROOT}.*.*.*.${id}` };
      return Boolean(await this.connection.jsm.streams.getMessage(TASK_STREAM, filter));
    } catch (error) {
      if (isApiError(error, ApiErrorCode.MessageNotFound)) return false;
      throw error;
    }
  }

  /** Takes the task out: no replica will be given it any more. */
  async remove(id: string): Promise<void> {
    await this.connection.jsm.streams.purge(TASK_STREAM, { filter: `${ROOT}.*.*.*.${id}` });
  }
}
