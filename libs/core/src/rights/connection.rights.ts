import type { NatsModuleOptions } from '../connection/nats-options.js';
import { Right } from './right.js';
import { mayPublish, maySubscribe } from './stream.rights.js';

const CONNECTION = 'connection';

/** What a connection needs before anything uses it. */
export const connectionRights = ({ inboxPrefix = '_INBOX', checkApi = true }: NatsModuleOptions): Right[] => [
  maySubscribe(`${inboxPrefix}.>`, CONNECTION, 'get answers'),
  ...(checkApi ? [mayPublish('$JS.API.INFO', CONNECTION, 'ask whether JetStream is there')] : []),
];
