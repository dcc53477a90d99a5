import { bootstrap } from '@millrace-apps/shared';
import { AppModule } from './app.module.js';
import { UserConfig } from './user.config.js';

await bootstrap(AppModule, UserConfig);
