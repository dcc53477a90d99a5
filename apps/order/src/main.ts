import { bootstrap } from '@millrace-apps/shared';
import { AppModule } from './app.module.js';
import { OrderConfig } from './order.config.js';

await bootstrap(AppModule, OrderConfig);
