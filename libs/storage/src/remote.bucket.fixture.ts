import { ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { ErrorCode, MillraceError, PublishError } from '@millrace/core';
import { RevisionConflictError } from './bucket/storage.errors.js';
import { HistoryBucket } from './history.fixture.js';

type Failure =
  | { kind: 'conflict'; bucket: string; key: string; expected: number; found: number }
  | { kind: 'publish'; mayBeStored: boolean }
  | { kind: 'other'; message: string };

interface Answer {
  id: number;
  result?: unknown;
  failure?: Failure;
}

const errorOf = (failure: Failure): MillraceError => {
  if (failure.kind === 'conflict') return new RevisionConflictError(failure);
  const remedy = 'None: this is a test';
  return failure.kind === 'publish'
    ? new PublishError(ErrorCode.PublishTimeout, 'Not confirmed', {
        remedy,
        mayBeStored: failure.mayBeStored,
      })
    : new MillraceError(ErrorCode.StorageUnavailable, failure.message, { remedy });
};

const children = new Set<ChildProcess>();

export interface RemoteOptions {
  url: string;
  /** Of the bucket's stream. */
  replicas: number;
}

/** A bucket of profiles that a process of its own works on: what is asked here is done there. */
export const remoteBucket = async (options: RemoteOptions): Promise<HistoryBucket> => {
  const program = fileURLToPath(new URL('../fixtures/bucket.mjs', import.meta.url));
  const child = fork(program, [JSON.stringify(options)], { execArgv: [], stdio: 'inherit' });
  children.add(child);
  await once(child, 'message');
  const waiting = new Map<number, (answer: Answer) => void>();
  child.on('message', (message) => {
    const answer = message as Answer;
    waiting.get(answer.id)?.(answer);
    waiting.delete(answer.id);
  });
  let next = 0;
  const ask = async (method: keyof HistoryBucket, ...args: unknown[]): Promise<unknown> => {
    const id = next++;
    const answered = new Promise<Answer>((resolve) => waiting.set(id, resolve));
    child.send({ id, method, args });
    const { result, failure } = await answered;
    if (failure) throw errorOf(failure);
    return result;
  };
  return {
    get: async (key) => (await ask('get', key)) as Awaited<ReturnType<HistoryBucket['get']>>,
    put: async (key, value) => (await ask('put', key, value)) as number,
    create: async (key, value) => (await ask('create', key, value)) as number,
    update: async (key, value, revision) => (await ask('update', key, value, revision)) as number,
    delete: async (key) => (await ask('delete', key)) as number,
  };
};

/** Ends the processes of all remote buckets. */
export const endRemotes = async (): Promise<void> => {
  for (const child of children) {
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }
  children.clear();
};
