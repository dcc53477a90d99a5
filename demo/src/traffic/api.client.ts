const REQUEST_MS = 10_000;

export interface ApiAnswer {
  readonly status: number;
  readonly body: unknown;
  /** When to try again, where the app says so. */
  readonly retryAfterMs?: number;
}

/** One app's HTTP API. */
export class ApiClient {
  constructor(private readonly url: string) {}

  get(path: string): Promise<ApiAnswer> {
    return this.send('GET', path);
  }

  post(path: string, body?: unknown): Promise<ApiAnswer> {
    return this.send('POST', path, body);
  }

  patch(path: string, body: unknown): Promise<ApiAnswer> {
    return this.send('PATCH', path, body);
  }

  delete(path: string): Promise<ApiAnswer> {
    return this.send('DELETE', path);
  }

  private async send(method: string, path: string, body?: unknown): Promise<ApiAnswer> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      signal: AbortSignal.timeout(REQUEST_MS),
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    const retryAfter = Number(response.headers.get('retry-after') ?? Number.NaN);
    return {
      status: response.status,
      body: parse(await response.text()),
      ...(Number.isNaN(retryAfter) ? {} : { retryAfterMs: retryAfter * 1000 }),
    };
  }
}

const parse = (text: string): unknown => {
  try {
    return text === '' ? undefined : (JSON.parse(text) as unknown);
  } catch {
    return text;
  }
};

/** A field of an answer's body. @throws Error where it is not there. */
export const textField = ({ status, body }: ApiAnswer, name: string): string => {
  const value: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, name) : undefined;
  if (typeof value === 'string') return value;
  throw new Error(`The answer ${status} has no '${name}': ${JSON.stringify(body)}`);
};
