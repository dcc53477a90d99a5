import { Injectable } from '@nestjs/common';
import { createHmac } from 'node:crypto';
import { secretBytes } from '@millrace-apps/shared';
import { UserConfig } from '../user.config.js';

const USER = 'user:';
const LISTED = 'listed:';
const EMAIL = 'email:';

/** A user's own key. */
export const userKey = (id: string): string => `${USER}${id}`;

/** The key that lists a user. It is written once, so these keys keep the order in which users registered. */
export const listedKey = (id: string): string => `${LISTED}${id}`;

export const isListedKey = (key: string): boolean => key.startsWith(LISTED);

/**
 * The key of a user who has an email: whoever writes it has the email. Keys are in subjects, which are not
 * encrypted, so it is a keyed hash: it cannot be found out by trying emails, except with the secret.
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

  /** None for who has no email. */
  ofUser({ email }: { email?: string | undefined }): string[] {
    return email === undefined ? [] : [this.of(email)];
  }
}
