import { ChangeMessageLike } from '../changes/change.js';
import { RecordReader } from './record.reader.js';

/** The messages of one subject, oldest first. */
export const readHistory = async <R>(
  reader: RecordReader,
  subject: string,
  read: (message: ChangeMessageLike) => Promise<R>,
): Promise<R[]> => {
  const found: R[] = [];
  for (let from = 1; ;) {
    const message = await reader.next(subject, from);
    if (!message) return found;
    const { seq: revision, header: headers, data, time: at } = message;
    found.push(await read({ subject, headers, data, revision, at }));
    from = revision + 1;
  }
};
