import { Inject } from '@nestjs/common';

export const DEFAULT_CONNECTION = 'default';

/** The injection token of a connection; `name` where an application has several. */
export const getConnectionToken = (name: string = DEFAULT_CONNECTION): string =>
  `@millrace/core:connection:${name}`;

/** Injects a `MillraceConnection`. */
export const InjectConnection = (name?: string): ParameterDecorator & PropertyDecorator =>
  Inject(getConnectionToken(name));
