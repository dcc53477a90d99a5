/** A JSON value in which an occurrence's own fields are to be filled in: `{ "$occurrence": "scheduledFor" }`. */
export type Template = unknown;

/** What an occurrence becomes. */
export type Target =
  /** A call of a handler, of whichever application declares the schedule. */
  | { readonly kind: 'handler' }
  /** An event, for whoever subscribes to it. */
  | {
      readonly kind: 'event';
      readonly type: string;
      readonly version: number;
      /** `undefined` where the event has none. */
      readonly key: Template;
      readonly data: Template;
    };

export type EventTarget = Extract<Target, { kind: 'event' }>;
