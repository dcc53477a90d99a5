import { IsOptional, IsString } from 'class-validator';
import { IsSet } from '../config/is-set.decorator.js';
import { API_KEY_FORM, ApiKeys } from '../security/api-keys.js';

/** What of an app's environment concerns HTTP. Each property is the variable of that name. */
export abstract class HttpConfig {
  /** `production`: no secret has a default. */
  @IsOptional() @IsString() NODE_ENV?: string;

  /** Who may send requests. Where it is not set, everybody may. */
  @IsSet({ parse: (text) => ApiKeys.parse(text), form: `'${API_KEY_FORM}', with commas between` })
  API_KEYS?: string;
}
