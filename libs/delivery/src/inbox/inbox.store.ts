import { MillraceConnection } from '@millrace/core';
import { StateStore, StateWrite } from '../state/state.store.js';
import { InboxEntry, readEntry } from './inbox.entry.js';
import { INBOX } from './inbox.stream.js';

/** The entries of the inbox. */
export interface InboxEntries {
  /** The entry's sequence; `undefined` where there is another than the one expected. */
  write(write: StateWrite): Promise<number | undefined>;
  read(subject: string): Promise<InboxEntry | undefined>;
  remove(sequence: number): Promise<void>;
}

/** Reads and writes entries in the inbox's stream. */
export class InboxStore extends StateStore implements InboxEntries {
  constructor(connection: MillraceConnection, restore: () => Promise<void>) {
    super(connection, { stream: INBOX, restore });
  }

  async read(subject: string): Promise<InboxEntry | undefined> {
    const stored = await this.last(subject);
    return stored && readEntry(stored);
  }
}
