import { Injectable } from '@nestjs/common';
import { createHmac } from 'node:crypto';
import { secretBytes } from '@millrace-apps/shared';
import { UserConfig } from '../user.config.js';

const USER = 'user:';
const EMAIL = 'email:';

/** A user's key. */
export const userKey = (id: string): string => `${USER}${id}`;

/** Whether a key is a user's own, and not one that only finds the user by something else. */
export const isUserKey = (key: string): boolean => key.startsWith(USER);

/**
 * The second key of a user who has an email: whoever writes it has the email. Keys are in subjects, which are
 * not encrypted, so it is a keyed hash: it cannot be found out by trying emails, except with the secret.
 */
@Injectable()
export class EmailKeys {
  private readonly secret: Uint8Array;

  constructor(config: UserConfig) {
    this.secret = secretBytes(config.EMAIL_INDEX_KEY);
  }

  /** The same for all spellings of an email: case and Unicode's ways to write one letter make no difference. */
  of(email: string): string {
    const spelt = email.trim().normalize('NFKC').toLowerCase();
    return `${EMAIL}${createHmac('sha256', this.secret).update(spelt).digest('hex')}`;
  }
}
