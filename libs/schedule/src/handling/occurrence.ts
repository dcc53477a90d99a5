import { Msg } from '@nats-io/transport-node';
import { Delivery, Lease, REPLAY_GROUP } from '@millrace/delivery';
import { OccurrenceFacts, occurrenceId, readFacts } from '../keeping/occurrence.headers.js';
import { againSubject } from '../keeping/occurrence.stream.js';

/** One delivery of one occurrence: what a scheduled handler is called with. */
export class Occurrence extends Delivery {
  private known: OccurrenceFacts | undefined;

  constructor(
    private readonly raw: Msg,
    group: string,
    private readonly held: Lease,
  ) {
    super(raw, group, held);
  }

  /** The schedule's name. */
  get schedule(): string {
    return this.facts.schedule;
  }

  /** The nominal time; of one triggered by hand, when it was. */
  get scheduledFor(): Date {
    return new Date(this.facts.scheduledFor);
  }

  /** When it was stored, by the clock of the process that kept time. */
  get firedAt(): Date {
    return new Date(this.facts.firedAt);
  }

  /** It came due while nobody kept time, and is made up for under the schedule's misfire policy. */
  get missed(): boolean {
    return this.facts.missed;
  }

  /** Somebody triggered it. */
  get manual(): boolean {
    return this.facts.manual;
  }

  /** Counts the schedule's occurrences, from 1; one triggered by hand does not count. */
  get run(): number {
    return this.facts.run;
  }

  /** The schedule and the nominal time: `nightly@2030-01-31T09:00:00.000Z`. */
  get id(): string {
    return occurrenceId(this.facts);
  }

  /** The same for every delivery of this occurrence to this group, replays included, and for no other. */
  get idempotencyKey(): string {
    return `${this.group}:${this.id}`;
  }

  /** Whether it is a replay for another group. */
  get isForeignReplay(): boolean {
    const replayFor = this.headers[REPLAY_GROUP];
    return replayFor !== undefined && replayFor !== this.group;
  }

  /** This delivery as its dead letter tells of it: a replay must not pass for the schedule's last occurrence. */
  asDeadLetter(): Occurrence {
    return new DeadOccurrence(againSubject(this.schedule), this.raw, this.group, this.held);
  }

  private get facts(): OccurrenceFacts {
    return (this.known ??= readFacts(this.headers) ?? UNREADABLE);
  }
}

/** A message that a foreign client put among the occurrences. */
const UNREADABLE: OccurrenceFacts = {
  schedule: '',
  scheduledFor: 0,
  firedAt: 0,
  missed: false,
  run: 0,
  manual: false,
  cursor: undefined,
};

class DeadOccurrence extends Occurrence {
  constructor(
    private readonly replayedAs: string,
    ...delivery: ConstructorParameters<typeof Occurrence>
  ) {
    super(...delivery);
  }

  override get subject(): string {
    return this.replayedAs;
  }
}
