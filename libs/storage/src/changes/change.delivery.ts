import { Msg } from '@nats-io/transport-node';
import { Delivery, Lease } from '@millrace/delivery';
import { keyTokenOf } from '../bucket/bucket.subjects.js';
import { keyOfToken } from '../bucket/stored.record.js';
import { ChangeKind, ChangeMessageLike, kindOf } from './change.js';
import { parseReplaySubject, replaySubject } from './replay.subject.js';

/** What a delivery is one of. */
export interface ChangeOrigin {
  bucket: string;
  group: string;
}

/** One delivery of one change: the second argument of a change handler. */
export class ChangeDelivery extends Delivery {
  readonly kind: ChangeKind;
  /** The change's own: that of a replay is the one it had. */
  readonly revision: number;
  readonly keyToken: string;

  constructor(
    private readonly raw: Msg,
    private readonly origin: ChangeOrigin,
    private readonly held: Lease,
  ) {
    super(raw, origin.group, held);
    const replayed = parseReplaySubject(raw.subject);
    this.kind = replayed?.kind ?? kindOf(raw.headers);
    this.revision = replayed?.revision ?? this.sequence;
    this.keyToken = replayed?.keyToken ?? keyTokenOf(origin.bucket, raw.subject);
  }

  get bucket(): string {
    return this.origin.bucket;
  }

  /** `undefined` for a key that only a foreign client can spell. */
  get key(): string | undefined {
    return keyOfToken(this.keyToken, this.raw.headers);
  }

  /** The same for every delivery of this change to this group, replays included, and for no other. */
  get idempotencyKey(): string {
    return `${this.group}:${this.bucket}:${this.revision}`;
  }

  /** As it lies in the bucket's stream. */
  get stored(): ChangeMessageLike {
    const { subject, headers, data } = this.raw;
    return { subject, headers, data, kind: this.kind, revision: this.revision, at: this.storedAt };
  }

  /** This delivery as its dead letter tells of it: a replay must not go to the key, whose value it would write. */
  asDeadLetter(): ChangeDelivery {
    const { bucket, group, keyToken, kind, revision } = this;
    const subject = replaySubject({ bucket, group, keyToken, kind, revision });
    return new DeadChange(subject, this.raw, this.origin, this.held);
  }
}

class DeadChange extends ChangeDelivery {
  constructor(
    private readonly replayedAs: string,
    ...delivery: ConstructorParameters<typeof ChangeDelivery>
  ) {
    super(...delivery);
  }

  override get subject(): string {
    return this.replayedAs;
  }
}
