import { environmentKeys, type KeyProvider, staticKeys } from '@millrace/core';

const SECRET_BYTES = 32;

// No secret: everybody can read it here. It lets `npm start` work with nothing set up, and says so in its id.
const publicKnowledge = (purpose: string): Uint8Array =>
  Buffer.alloc(SECRET_BYTES, `millrace development ${purpose} `);

const DEVELOPMENT_KEYS = staticKeys([{ id: 'insecure-development', secret: publicKnowledge('encryption') }]);
const DEVELOPMENT_SECRET = publicKnowledge('index');

const VARIABLE = 'keys';

/** `<id>:<32 bytes in base64>`, with commas between several; those for development where there are none. */
export const encryptionKeys = (text: string | undefined): KeyProvider =>
  text === undefined ? DEVELOPMENT_KEYS : environmentKeys(VARIABLE, { [VARIABLE]: text });

/** 32 bytes in base64; those for development where there are none. */
export const secretBytes = (text: string | undefined): Uint8Array => {
  if (text === undefined) return DEVELOPMENT_SECRET;
  const { secret } = encryptionKeys(`secret:${text}`).current();
  return secret;
};
