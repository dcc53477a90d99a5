import { Type } from 'class-transformer';
import { IsIn, IsInt, IsOptional, IsString, Matches, Max, Min } from 'class-validator';
import { IsSet, PRODUCTION } from '../config/is-set.decorator.js';
import { API_KEY_FORM, ApiKeys } from '../security/api-keys.js';

const ORIGIN = 'https?://[^\\s,/]+';

/** What of an app's environment concerns HTTP. Each property is the variable of that name. */
export abstract class HttpConfig {
  /** `production`: no secret has a default. */
  @IsOptional() @IsString() NODE_ENV?: string;

  /** Who may send requests. Where it is not set, everybody may. */
  @IsSet({ parse: (text) => ApiKeys.parse(text), form: `'${API_KEY_FORM}', with commas between` })
  API_KEYS?: string;

  /**
   * How many requests a key may send to one replica in a minute, or an address where there are no keys; 0 for
   * any number. Default 6000 in production, and any number elsewhere.
   */
  @IsOptional() @Type(() => Number) @IsInt() @Min(0) RATE_LIMIT?: number;

  /** How many requests without a right key an address may send to one replica in a minute. */
  @Type(() => Number) @IsInt() @Min(1) RATE_LIMIT_REFUSED = 60;

  /** How many proxies stand before the app; the address of a request is what they say. */
  @Type(() => Number) @IsInt() @Min(0) @Max(10) TRUST_PROXIES = 0;

  /** Whose pages may send requests from a browser, with commas between. Default nobody's. */
  @IsOptional()
  @Matches(new RegExp(`^${ORIGIN}(\\s*,\\s*${ORIGIN})*$`), {
    message: "$property must be one or more origins as in 'https://shop.example.org', with commas between",
  })
  CORS_ORIGINS?: string;

  /** Whether `/docs` and `/docs-json` are there, for everybody to read. */
  @IsIn(['on', 'off']) API_DOCS: 'on' | 'off' = 'on';
}

const PRODUCTION_LIMIT = 6000;

/** Requests in a minute; 0 for any number. */
export const rateLimitOf = ({ RATE_LIMIT, NODE_ENV }: HttpConfig): number =>
  RATE_LIMIT ?? (NODE_ENV === PRODUCTION ? PRODUCTION_LIMIT : 0);
