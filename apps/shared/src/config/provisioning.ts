import { ProvisionMode } from '@millrace/core';
import { EventsModuleOptions } from '@millrace/events';
import { AppConfig } from './app.config.js';

/** What every module is told of what the app keeps on the server. */
export interface Provisioning {
  provision: ProvisionMode;
  replicas?: number;
}

/** How the configuration has streams made: to be given to each module that keeps something. */
export const provisioning = ({ PROVISION, REPLICAS }: AppConfig): Provisioning => ({
  provision: PROVISION === 'bind' ? 'bind' : 'create',
  ...(REPLICAS === undefined ? {} : { replicas: REPLICAS }),
});

/** What every app's `EventsModule` has in common. */
export const eventsOptions = (config: AppConfig): EventsModuleOptions => ({
  ...provisioning(config),
  // Those of other apps would have to be read where they lie, which this app's user may not.
  deadLetters: { advisories: 'own' },
});
