import { MillraceConnection } from '@millrace/core';
import { StateStore } from '../state/state.store.js';
import { InboxEntry, readEntry } from './inbox.entry.js';
import { INBOX } from './inbox.stream.js';

/** Reads and writes entries of the inbox. */
export class InboxStore extends StateStore {
  constructor(connection: MillraceConnection, restore: () => Promise<void>) {
    super(connection, { stream: INBOX, restore });
  }

  async read(subject: string): Promise<InboxEntry | undefined> {
    const stored = await this.last(subject);
    return stored && readEntry(stored);
  }
}
