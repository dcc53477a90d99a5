import { Injectable } from '@nestjs/common';
import type { MillraceConnection } from '../connection/nats.connection.js';
import { Right, Rights } from './right.js';

/** Where a part of the application tells what it needs; asked when the application is wired. */
export interface RightsSource {
  rights(): readonly Right[];
  /** Whether it answers requests. Default: no. */
  answers?(): boolean;
}

/** Where the parts of every module tell what they need of NATS, so that a user can be given that and no more. */
@Injectable()
export class RightsRegistry {
  private readonly sources = new Map<MillraceConnection, RightsSource[]>();

  /** To be called while the application is wired. What is told is asked for when streams are provisioned. */
  add(connection: MillraceConnection, source: RightsSource): void {
    this.sources.set(connection, [...(this.sources.get(connection) ?? []), source]);
  }

  /** What everything that uses a connection needs. @throws MillraceError `RIGHTS_UNBOUNDED` for what has no bounds. */
  of(connection: MillraceConnection): Rights {
    const sources = this.sources.get(connection) ?? [];
    return {
      rights: sources.flatMap((source) => source.rights()),
      answers: sources.some((source) => source.answers?.() ?? false),
    };
  }
}
