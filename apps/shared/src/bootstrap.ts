import { DynamicModule, Logger } from '@nestjs/common';
import { NestFactory, Reflector } from '@nestjs/core';
import { NestExpressApplication } from '@nestjs/platform-express';
import { ClassConstructor } from 'class-transformer';
import { errorMessage, LifecycleCoordinator, LifecyclePhase } from '@millrace/core';
import { AppConfig, LOG_LEVELS } from './config/app.config.js';
import { loadConfig } from './config/config.loader.js';
import { EncryptingConfig } from './encryption/encrypting.config.js';
import { ErrorFilter } from './http/error.filter.js';
import { BoundedAdapter } from './http/bounded.adapter.js';
import { serveOpenApi } from './http/openapi.js';
import { shield } from './http/http.shield.js';
import { AppLogger, logFormatOf } from './logging/app.logger.js';
import { RouteIdsGuard } from './logging/route.ids.guard.js';
import { RequestPipe } from './http/request.pipe.js';
import { ApiKeyGuard } from './security/api-key.guard.js';

/** An app's root module. */
export interface RootModule<C extends AppConfig> {
  forRoot(config: C): DynamicModule;
}

/** The app, wired and not yet listening: what `bootstrap` starts, and what tests start in their own process. */
export const createApp = async <C extends AppConfig>(
  root: RootModule<C>,
  config: C,
): Promise<NestExpressApplication> => {
  const logLevels = LOG_LEVELS.slice(0, LOG_LEVELS.indexOf(config.LOG_LEVEL) + 1);
  const app = await NestFactory.create<NestExpressApplication>(root.forRoot(config), new BoundedAdapter(), {
    logger: new AppLogger({ app: config.app, format: logFormatOf(config), logLevels }),
    abortOnError: false,
    bodyParser: false,
  });
  shield(app, config);
  app.useGlobalGuards(new RouteIdsGuard(), new ApiKeyGuard(app.get(Reflector)));
  app.useGlobalPipes(new RequestPipe());
  app.useGlobalFilters(new ErrorFilter());
  if (config.API_DOCS === 'on') serveOpenApi(app, config.app);
  return app;
};

/**
 * Runs an app until SIGTERM or SIGINT: then it stops taking work, finishes what it has, and exits with 0.
 * One that cannot start says why in one line, and exits with 1. With `PROVISION=only` it makes what it needs on the
 * server, and exits.
 */
export const bootstrap = async <C extends AppConfig>(
  root: RootModule<C>,
  configClass: ClassConstructor<C>,
): Promise<void> => {
  if (logFormatOf(process.env) === 'json')
    Logger.overrideLogger(new AppLogger({ app: 'app', format: 'json' }));
  try {
    const config = loadConfig(configClass);
    const app = await createApp(root, config);
    if (config.PROVISION === 'only') return await provisionAndExit(app, config);
    // By default Nest ends by raising the signal again, which a supervisor reads as a failure.
    app.enableShutdownHooks(['SIGTERM', 'SIGINT'], { useProcessExit: true });
    warnOfWhatIsOpen(config);
    await app.listen(config.PORT, config.HOST);
    new Logger('App').log(
      `${config.app} listens on ${await app.getUrl()}${config.API_DOCS === 'on' ? ', its API is described at /docs' : ''}`,
    );
  } catch (error) {
    new Logger('App').error(errorMessage(error));
    process.exit(1);
  }
};

const provisionAndExit = async (app: NestExpressApplication, { app: name }: AppConfig): Promise<void> => {
  app.get(LifecycleCoordinator).limitTo(LifecyclePhase.Provision);
  await app.init();
  await app.close();
  new Logger('App').log(`What ${name} needs is there`);
  process.exit(0);
};

const warnOfWhatIsOpen = (config: AppConfig): void => {
  const log = new Logger('App');
  if (config.API_KEYS === undefined) {
    log.warn('Everybody may send requests: API_KEYS is not set');
  }
  if (config instanceof EncryptingConfig && config.publicSecrets.length > 0) {
    log.warn(
      `Nothing is secret: ${config.publicSecrets.join(' and ')} not set, so what is encrypted is so with keys that everybody can know`,
    );
  }
};
