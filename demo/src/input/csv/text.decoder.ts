import iconv from 'iconv-lite';

const utf8 = new TextDecoder('utf-8', { fatal: true });
const BEYOND_ASCII = /[\u0080-\u00ff]/;

/**
 * The text of a field whose bytes stand in `bytes` one a character: UTF-8 where they are UTF-8, and otherwise
 * Windows-1252, in which spreadsheets write. The field decides, not the file: files put together from several
 * sources have both.
 */
export const decodeText = (bytes: string): string => {
  if (!BEYOND_ASCII.test(bytes)) return bytes;
  const raw = Buffer.from(bytes, 'latin1');
  try {
    return utf8.decode(raw);
  } catch {
    // Not by TextDecoder: Node 20's takes the one for Latin-1.
    return iconv.decode(raw, 'windows-1252');
  }
};
