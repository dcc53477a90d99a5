import { IsSet } from '../config/is-set.decorator.js';
import { encryptionKeys, secretBytes } from './secrets.js';

/** Encryption keys; only outside production may there be none. */
export const IsEncryptionKeys = (): PropertyDecorator =>
  IsSet({
    parse: encryptionKeys,
    form: "'<id>:<32 bytes in base64>', the current key first, with commas between",
  });

/** A secret of 32 bytes; only outside production may there be none. */
export const IsSecret = (): PropertyDecorator => IsSet({ parse: secretBytes, form: '32 bytes in base64' });
