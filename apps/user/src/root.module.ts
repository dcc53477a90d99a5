import { DynamicModule } from '@nestjs/common';
import { loadConfig } from '@millrace-apps/shared';
import { AppModule } from './app.module.js';
import { UserConfig } from './user.config.js';

/** The app as its environment describes it: what `millrace permissions` looks at. */
export const rootModule = (): DynamicModule => AppModule.forRoot(loadConfig(UserConfig));
