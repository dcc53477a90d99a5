import { CsvError, parse } from 'csv-parse';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { decodeText } from './text.decoder.js';

/** A record of a file, or a place where there is none. */
export type CsvItem = CsvRecord | CsvFault;

export interface CsvRecord {
  readonly kind: 'record';
  /** Of its first line, from 1. */
  readonly line: number;
  readonly fields: readonly string[];
  /** How many lines it spans. */
  readonly lines: number;
  /** Bytes of the file up to its end. */
  readonly end: number;
}

/** A line whose quotes are misplaced or never closed. */
export interface CsvFault {
  readonly kind: 'fault';
  readonly line: number;
  readonly end: number;
}

interface Place {
  readonly offset: number;
  readonly line: number;
}

/** Longer than any order line; a quote that is never closed is noticed here, not at the end of the file. */
const MAX_RECORD_BYTES = 65_536;
const BREAK = 0x0a;

/**
 * Reads RFC 4180, with LF too, piece by piece. What is not one costs a line: a quote that is never closed must not
 * swallow the records behind it, so reading begins again at the next line, as it does after `skip`.
 */
export class CsvReader {
  private skipped = false;

  /** `start`: bytes to leave out, such as a byte order mark. */
  constructor(
    private readonly file: string,
    private readonly start = 0,
  ) {}

  /** The record just read is none after all: reading goes on at the line after its first. */
  skip(): void {
    this.skipped = true;
  }

  /** @throws NodeJS.ErrnoException where the file cannot be read. */
  async *read(): AsyncGenerator<CsvItem, void, undefined> {
    let place: Place | undefined = { offset: this.start, line: 1 };
    while (place) place = yield* this.readFrom(place);
  }

  /** Returns where to go on; nothing at the end of the file. */
  private async *readFrom(
    from: Place,
    atMost?: number,
  ): AsyncGenerator<CsvItem, Place | undefined, undefined> {
    let place = from;
    let delivered = 0;
    try {
      for await (const { record, info, raw } of this.parse(from, atMost)) {
        const lines = linesOf(raw);
        const next = { offset: from.offset + info.bytes, line: place.line + lines };
        yield { kind: 'record', line: place.line, fields: record.map(decodeText), lines, end: next.offset };
        delivered++;
        if (this.skipped) {
          this.skipped = false;
          return await this.nextLine(place);
        }
        place = next;
      }
      return atMost === undefined ? undefined : place;
    } catch (error) {
      if (!(error instanceof CsvError)) throw error;
      return yield* this.afterFault(place, recordsOf(error) - delivered);
    }
  }

  // The parser drops good records that wait to be read when it meets a bad one.
  private async *afterFault(
    place: Place,
    dropped: number,
  ): AsyncGenerator<CsvItem, Place | undefined, undefined> {
    if (dropped > 0) return yield* this.readFrom(place, dropped);
    const next = await this.nextLine(place);
    yield { kind: 'fault', line: place.line, end: next?.offset ?? place.offset };
    return next;
  }

  private parse({ offset }: Place, atMost: number | undefined): AsyncIterable<Parsed> {
    const parser = parse({
      // Bytes as they are: the text of a field is made of them afterwards.
      encoding: 'latin1',
      info: true,
      raw: true,
      record_delimiter: ['\r\n', '\n'],
      relax_column_count: true,
      max_record_size: MAX_RECORD_BYTES,
      ...(atMost === undefined ? {} : { to: atMost }),
    });
    return pipeline(createReadStream(this.file, { start: offset }), parser, () => undefined);
  }

  private async nextLine({ offset, line }: Place): Promise<Place | undefined> {
    let passed = offset;
    const chunks: AsyncIterable<Buffer> = createReadStream(this.file, { start: offset });
    for await (const chunk of chunks) {
      const at = chunk.indexOf(BREAK);
      if (at >= 0) return { offset: passed + at + 1, line: line + 1 };
      passed += chunk.length;
    }
    return undefined;
  }
}

interface Parsed {
  readonly record: string[];
  /** As in the file, but of its line end the first character only. */
  readonly raw: string;
  readonly info: { readonly bytes: number };
}

const linesOf = (raw: string): number => raw.slice(0, -1).split('\n').length;

const recordsOf = (error: CsvError): number => {
  const { records } = error as { records?: unknown };
  return typeof records === 'number' ? records : 0;
};
