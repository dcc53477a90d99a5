import {
  ClassOf,
  Declarations,
  ErrorCode,
  EventContract,
  eventContractOf,
  MillraceError,
} from '@millrace/core';

/** An event that an application publishes; `delayed` where it does so with a `delay` or `at`, too. */
export type PublishedEvent = ClassOf<object> | { event: ClassOf<object>; delayed: boolean };

/** An event that the bus is to publish. */
export interface DeclaredPublication {
  readonly contract: EventContract;
  readonly delayed: boolean;
}

/** The events that an application says its bus publishes. Where it says none, it may publish any. */
export class Publications {
  private readonly declarations = new Declarations<DeclaredPublication>();

  /** Also by an empty list. @throws MillraceError `CONTRACT_UNKNOWN` */
  declare(events: readonly PublishedEvent[]): void {
    const publications = events.map(publicationOf);
    this.declarations.declare(publications.map((publication) => [publication.contract.type, publication]));
  }

  /** For modules of the framework that publish by themselves. */
  permit(events: readonly ClassOf<object>[]): void {
    for (const event of events) {
      const publication = publicationOf(event);
      this.declarations.permit(publication.contract.type, publication);
    }
  }

  all(): readonly DeclaredPublication[] {
    return this.declarations.all();
  }

  /** @throws MillraceError `EVENT_UNDECLARED` */
  assertDeclared({ type, target }: EventContract, delayed: boolean): void {
    if (this.declarations.allows(type, (publication) => publication.delayed || !delayed)) return;
    const how = delayed ? `{ event: ${target.name}, delayed: true }` : target.name;
    throw new MillraceError(
      ErrorCode.EventUndeclared,
      `${type} is not among the events that this application says it publishes${delayed ? ' with a delay' : ''}`,
      {
        remedy: `Add ${how} to 'publishes' of EventsModule.forRoot or forFeature, and give the application's user the right`,
        details: { type, delayed },
      },
    );
  }
}

const publicationOf = (published: PublishedEvent): DeclaredPublication =>
  typeof published === 'function'
    ? { contract: eventContractOf(published), delayed: false }
    : { contract: eventContractOf(published.event), delayed: published.delayed };
