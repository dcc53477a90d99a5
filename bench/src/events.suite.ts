import { withAll } from './contender.js';
import { measure } from './measure.js';
import { millrace } from './millrace.contender.js';
import { limit, plain } from './raw.contenders.js';
import { Suite } from './suite.js';

/** Events from publish to handler, publisher and subscriber in one process. */
export const events: Suite = {
  name: 'events',
  setting: 'an order of about 450 bytes, 1024 in flight (plain client 256), file storage, one replica',
  count: 20_000,
  run: ({ url, ...size }) =>
    withAll(url, [limit, plain, millrace], (contenders) =>
      measure({ suite: 'events', name: 'publish + handle', contenders }, size),
    ),
};
