import { PermissionViolationError } from '@nats-io/transport-node';
import { JetStreamPublisher, MillraceConnection, PublishRequest, StoredAck } from '@millrace/core';

const MAX_IN_FLIGHT = 4096;
const DEADLINE_MS = 5000;
/** A renewal must be sent again while its lease lasts, which may be a second. */
const ACK_TIMEOUT_MS = 500;
const CLOSE_TIMEOUT_MS = 2000;

/** A publisher of its own: a renewal must not wait behind a connection's thousand unconfirmed events. */
export class LeasePublisher {
  private readonly publisher: JetStreamPublisher;
  private readonly health: { unsubscribe(): void };

  constructor(connection: MillraceConnection) {
    const { nc, clock, inboxPrefix } = connection;
    this.publisher = new JetStreamPublisher(
      nc,
      { maxInFlight: MAX_IN_FLIGHT, deadlineMs: DEADLINE_MS, ackTimeoutMs: ACK_TIMEOUT_MS, clock },
      inboxPrefix,
    );
    this.health = connection.health.changes.subscribe(({ state }) =>
      this.publisher.setConnected(state === 'connected'),
    );
    void this.followRefusals(connection);
  }

  publish(request: PublishRequest): Promise<StoredAck> {
    return this.publisher.publish(request);
  }

  async close(): Promise<void> {
    await this.publisher.close(CLOSE_TIMEOUT_MS);
    this.health.unsubscribe();
  }

  private async followRefusals({ nc }: MillraceConnection): Promise<void> {
    for await (const status of nc.status()) {
      if (status.type !== 'error' || !(status.error instanceof PermissionViolationError)) continue;
      if (status.error.operation === 'publish') this.publisher.deny(status.error.subject, status.error);
    }
  }
}
