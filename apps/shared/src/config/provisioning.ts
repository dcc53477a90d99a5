import { ProvisionMode } from '@millrace/core';
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
