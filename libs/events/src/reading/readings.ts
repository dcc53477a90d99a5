import { Declarations, ErrorCode, MillraceError } from '@millrace/core';

/** The contexts whose stored events an application says it reads. Where it says none, it may read any. */
export class Readings {
  private readonly declarations = new Declarations<string>();

  /** Also by an empty list. */
  declare(contexts: readonly string[]): void {
    this.declarations.declare(contexts.map((context) => [context, context]));
  }

  all(): readonly string[] {
    return this.declarations.all();
  }

  /** @throws MillraceError `EVENT_UNDECLARED` */
  assertDeclared(context: string): void {
    if (this.declarations.allows(context)) return;
    throw new MillraceError(
      ErrorCode.EventUndeclared,
      `'${context}' is not among the contexts whose events this application says it reads`,
      {
        remedy: `Add '${context}' to 'reads' of EventsModule.forRoot or forFeature, and give the application's user the right`,
        details: { context },
      },
    );
  }
}
