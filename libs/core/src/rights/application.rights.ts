import type { INestApplicationContext } from '@nestjs/common';
import { getConnectionToken } from '../connection/connection.token.js';
import type { MillraceConnection } from '../connection/nats.connection.js';
import { Rights } from './right.js';
import { RightsRegistry } from './rights.registry.js';

export interface ApplicationRights extends Rights {
  /** The application's name. */
  readonly app: string;
}

/**
 * What an application needs of a connection, as its modules tell.
 * @param app initialised
 * @param connection its name, where it has several
 * @throws MillraceError `RIGHTS_UNBOUNDED`
 */
export const rightsOfApplication = (app: INestApplicationContext, connection?: string): ApplicationRights => {
  const opened = app.get<MillraceConnection>(getConnectionToken(connection));
  return { app: opened.name, ...app.get(RightsRegistry).of(opened) };
};
