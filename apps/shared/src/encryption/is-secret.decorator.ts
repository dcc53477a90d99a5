import { ValidateBy, type ValidationArguments } from 'class-validator';
import { encryptionKeys, PRODUCTION, secretBytes } from './secrets.js';

// No message shows the value.
const isSecret = (parse: (text: string | undefined) => unknown, form: string): PropertyDecorator =>
  ValidateBy({
    name: 'isSecret',
    validator: {
      validate: (value: unknown, args?: ValidationArguments) => {
        if (value === undefined) return !isProduction(args?.object);
        try {
          return typeof value === 'string' && parse(value) !== undefined;
        } catch {
          return false;
        }
      },
      defaultMessage: () => `$property must be ${form}, and must be set where NODE_ENV is '${PRODUCTION}'`,
    },
  });

const isProduction = (config: object | undefined): boolean =>
  config !== undefined && Reflect.get(config, 'NODE_ENV') === PRODUCTION;

/** Encryption keys; only outside production may there be none. */
export const IsEncryptionKeys = (): PropertyDecorator =>
  isSecret(encryptionKeys, "'<id>:<32 bytes in base64>', the current key first, with commas between");

/** A secret of 32 bytes; only outside production may there be none. */
export const IsSecret = (): PropertyDecorator => isSecret(secretBytes, '32 bytes in base64');
