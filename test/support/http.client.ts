const TIMEOUT_MS = 20_000;

/** An answer of an app. */
export interface Answer<T = Record<string, unknown>> {
  status: number;
  body: T;
  ms: number;
}

/** Sends a request and gives back the answer, whatever its status. */
export type Request = <T = Record<string, unknown>>(
  method: string,
  url: string,
  body?: unknown,
) => Promise<Answer<T>>;

/** The headers that carry an API key, where there is one. */
export const authorization = (key?: string): Record<string, string> =>
  key === undefined ? {} : { authorization: `Bearer ${key}` };

/** Requests that carry an API key, where there is one. */
export const requestAs =
  (key?: string): Request =>
  (method, url, body) =>
    send(authorization(key), { method, url, body });

export const request = requestAs();

const send = async <T>(
  headers: Record<string, string>,
  { method, url, body }: { method: string; url: string; body: unknown },
): Promise<Answer<T>> => {
  const startedAt = performance.now();
  const response = await fetch(url, {
    method,
    signal: AbortSignal.timeout(TIMEOUT_MS),
    ...(body === undefined
      ? { headers }
      : { body: JSON.stringify(body), headers: { ...headers, 'content-type': 'application/json' } }),
  });
  const text = await response.text();
  const parsed = (text === '' ? undefined : JSON.parse(text)) as T;
  return { status: response.status, body: parsed, ms: performance.now() - startedAt };
};
