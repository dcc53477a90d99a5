import { Inbox, Notification } from './notifications.bucket.js';

/** How many notifications a user keeps. */
export const INBOX_SIZE = 100;

const newestFirst = (a: Notification, b: Notification): number =>
  a.at === b.at ? compare(b.id, a.id) : compare(b.at, a.at);

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/**
 * The inbox with a notification in it; `undefined` where that changes nothing: it is in there, or is older
 * than all that a full inbox keeps. So an inbox is the newest of all that ever was put in, in whatever order
 * and however often that was.
 */
export const withNotification = (inbox: Inbox | undefined, added: Notification): Inbox | undefined => {
  const known = inbox?.items ?? [];
  if (known.some(({ id }) => id === added.id)) return undefined;
  const items = [...known, added].sort(newestFirst).slice(0, INBOX_SIZE);
  return items.includes(added) ? { items } : undefined;
};
