import { randomBytes } from 'node:crypto';
import { compare, genSalt, hash } from 'bcryptjs';

// A password is 192 random bits: the cost is for those that people choose, and every reconnect of every replica pays it.
const COST = 10;

/** Without a character that a shell, a URL or NATS could read as something else. */
export const makePassword = () => `mr${randomBytes(24).toString('hex')}`;

/**
 * The bcrypt hash of a password: `known`, where it is that. nats-server reads `$2a$` in a variable as the beginning of
 * a hash; `$2b$`, which newer libraries write and which is the same for these passwords, it takes for a variable's name.
 *
 * @param {string} password
 * @param {string} [known]
 */
export const hashPassword = async (password, known) =>
  known !== undefined && (await compare(password, known))
    ? known
    : hash(password, (await genSalt(COST)).replace(/^\$2b\$/, '$2a$'));

/** In quotes, which compose takes off, and nats-server where Kubernetes has left them on. @param {readonly (readonly [user: string, hash: string])[]} hashes */
export const writeHashes = (hashes) =>
  hashes.map(([user, text]) => `NATS_${user.toUpperCase()}_HASH='${text}'\n`).join('');

/** The hashes by user. @param {string} text @returns {Record<string, string>} */
export const readHashes = (text) =>
  Object.fromEntries(
    [...text.matchAll(/^NATS_([A-Z]+)_HASH='([^']*)'$/gm)].map(([, user = '', found = '']) => [
      user.toLowerCase(),
      found,
    ]),
  );
