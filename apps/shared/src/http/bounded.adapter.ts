import { ExpressAdapter } from '@nestjs/platform-express';
import { createServer } from 'node:http';

/** How long a client may take, in milliseconds. */
export interface ServerLimits {
  /** Until the headers are there. */
  headersTimeout: number;
  /** Until the body is there too. An answer may take as long as it likes. */
  requestTimeout: number;
  /** How often the two are looked after. */
  connectionsCheckingInterval: number;
  /** How long open answers may go on when the app stops. */
  stopTimeout: number;
}

const LIMITS: ServerLimits = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 2000,
  stopTimeout: 5000,
};
const MAX_HEADERS = 100;

/** Express on a server that does not wait for clients which send slowly, or read slowly when it is to stop. */
export class BoundedAdapter extends ExpressAdapter {
  constructor(private readonly limits: ServerLimits = LIMITS) {
    super();
  }

  override initHttpServer(): void {
    this.httpServer = createServer(this.limits, this.getInstance());
    this.httpServer.maxHeadersCount = MAX_HEADERS;
  }

  override async close(): Promise<void> {
    const late = setTimeout(() => this.httpServer.closeAllConnections(), this.limits.stopTimeout);
    await super.close();
    clearTimeout(late);
  }
}
