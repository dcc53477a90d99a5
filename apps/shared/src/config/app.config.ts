import { Type } from 'class-transformer';
import { IsIn, IsInt, IsOptional, IsString, Matches, Max, Min, MinLength } from 'class-validator';
import { type Duration } from '@millrace/core';
import { HttpConfig } from '../http/http.config.js';
import { LOG_FORMATS, type LogFormat } from '../logging/app.logger.js';
import { IsDuration } from './is-duration.decorator.js';

export const LOG_LEVELS = ['error', 'warn', 'log', 'debug', 'verbose'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export const PROVISION_MODES = ['auto', 'bind', 'only'] as const;

const SERVER = '(nats|tls)://[^\\s,]+';

/** What every app reads from its environment. Each property is the variable of that name. */
export abstract class AppConfig extends HttpConfig {
  /** The app's name: who publishes, and the start of its groups and audit subjects. */
  abstract readonly app: string;

  /** One node, or several of a cluster with commas between. */
  @Matches(new RegExp(`^${SERVER}(\\s*,\\s*${SERVER})*$`), {
    message: "$property must be one or more 'nats://host:port' or 'tls://host:port', with commas between",
  })
  NATS_URL = 'nats://127.0.0.1:4222';

  @IsOptional() @IsString() NATS_USER?: string;
  @IsOptional() @IsString() NATS_PASSWORD?: string;

  /** A `.creds` file, in place of user and password. */
  @IsOptional() @IsString() NATS_CREDS?: string;

  /** A PEM file with the authority that signed the server's certificate; turns TLS on. */
  @IsOptional() @IsString() NATS_CA?: string;

  /**
   * `auto` makes and updates streams, buckets and consumers as the app starts; `bind` only checks them, which a user
   * without the right to make any can do; `only` makes them, takes no work, and exits.
   */
  @IsIn(PROVISION_MODES) PROVISION: (typeof PROVISION_MODES)[number] = 'auto';

  /** Copies of each stream, at most as many as the cluster has nodes. Default: as they are, 1 for new ones. */
  @IsOptional() @Type(() => Number) @IsIn([1, 3, 5]) REPLICAS?: number;

  @IsString() @MinLength(1) HOST = '127.0.0.1';

  /** 0 picks a free one. */
  @Type(() => Number) @IsInt() @Min(0) @Max(65_535) PORT = 3000;

  @IsIn(LOG_LEVELS) LOG_LEVEL: LogLevel = 'log';

  /** Default `json` in production, `pretty` elsewhere. */
  @IsOptional() @IsIn(LOG_FORMATS) LOG_FORMAT?: LogFormat;

  /** How long a read or a write may take, so that a request is answered while NATS is away. */
  @IsDuration() PUBLISH_DEADLINE: Duration = '3s';
}
