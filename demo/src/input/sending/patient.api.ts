import { setTimeout as delay } from 'node:timers/promises';
import { ApiAnswer, ApiClient } from '../../traffic/api.client.js';

export type Api = Pick<ApiClient, 'get' | 'post'>;

/** Locked by others, too many requests, and what an app answers whose server is away. */
const TRANSIENT: readonly number[] = [423, 429, 502, 503, 504];
const FIRST_PAUSE_MS = 100;
const LAST_PAUSE_MS = 2000;

type Attempt<T> =
  { readonly kind: 'done'; readonly value: T } | { readonly kind: 'later'; readonly afterMs?: number };

/** Tries until it is done. @throws the reason of the stop. */
const patiently = async <T>(attempt: () => Promise<Attempt<T>>, stop: AbortSignal): Promise<T> => {
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LAST_PAUSE_MS)) {
    stop.throwIfAborted();
    const result = await attempt().catch((): Attempt<T> => ({ kind: 'later' }));
    if (result.kind === 'done') return result.value;
    await delay(result.afterMs ?? pauseMs, undefined, { signal: stop });
  }
};

/** Repeats what fails until it does not: a server may be away for a while. Only for what may be repeated. */
export const untilDone = <T>(work: () => Promise<T>, stop: AbortSignal): Promise<T> =>
  patiently(async () => ({ kind: 'done', value: await work() }), stop);

/** Repeats a request until it is answered for good. Only for requests that may be repeated. */
export class PatientApi implements Api {
  constructor(
    private readonly api: Api,
    private readonly stop: AbortSignal,
  ) {}

  get(path: string): Promise<ApiAnswer> {
    return this.repeat(() => this.api.get(path));
  }

  post(path: string, body?: unknown): Promise<ApiAnswer> {
    return this.repeat(() => this.api.post(path, body));
  }

  private repeat(send: () => Promise<ApiAnswer>): Promise<ApiAnswer> {
    return patiently(async (): Promise<Attempt<ApiAnswer>> => {
      const value = await send();
      if (!TRANSIENT.includes(value.status)) return { kind: 'done', value };
      return { kind: 'later', ...(value.retryAfterMs === undefined ? {} : { afterMs: value.retryAfterMs }) };
    }, this.stop);
  }
}
