import { Duration, HeaderMap } from '@millrace/core';

export interface RecordOptions {
  /** Headers of your own, of an event or a request. */
  headers?: HeaderMap;
  /** What an event is ordered and partitioned by: a token of its subject. Events only. */
  key?: string;
  /** Two events with one id are stored once within the stream's duplicate window. Events only. */
  messageId?: string;
  /** How long to wait for the first reply, and then for each next one. Requests only. */
  timeout?: Duration;
}

/** Data with options, for `client.emit` and `client.send`. */
export class MillraceRecord<T = unknown> {
  constructor(
    readonly data: T,
    readonly options: RecordOptions = {},
  ) {}
}

/** Builds a {@link MillraceRecord} in the manner of Nest's own record builders. */
export class MillraceRecordBuilder<T = unknown> {
  private options: RecordOptions = {};

  constructor(private data?: T) {}

  setData(data: T): this {
    this.data = data;
    return this;
  }

  setHeaders(headers: HeaderMap): this {
    this.options = { ...this.options, headers };
    return this;
  }

  setHeader(name: string, value: string): this {
    return this.setHeaders({ ...this.options.headers, [name]: value });
  }

  setKey(key: string): this {
    this.options = { ...this.options, key };
    return this;
  }

  setMessageId(messageId: string): this {
    this.options = { ...this.options, messageId };
    return this;
  }

  setTimeout(timeout: Duration): this {
    this.options = { ...this.options, timeout };
    return this;
  }

  build(): MillraceRecord<T | undefined> {
    return new MillraceRecord(this.data, this.options);
  }
}
