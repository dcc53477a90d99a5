import { authorization } from './http.client.js';

/** Server-sent events of an app, as they come. */
export class EventStream {
  private readonly leaving = new AbortController();
  private received = '';

  /** Resolves when the app has accepted. */
  static async open(url: string, apiKey?: string): Promise<EventStream> {
    const stream = new EventStream();
    const response = await fetch(url, { headers: authorization(apiKey), signal: stream.leaving.signal });
    if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
    void stream.read(response.body as AsyncIterable<Uint8Array>);
    return stream;
  }

  /** All of it so far. */
  get text(): string {
    return this.received;
  }

  leave(): void {
    this.leaving.abort();
  }

  private async read(body: AsyncIterable<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    try {
      for await (const chunk of body) this.received += decoder.decode(chunk, { stream: true });
    } catch {
      // Whoever leaves, or whose app ends, has what came before.
    }
  }
}
