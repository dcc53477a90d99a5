import { randomHex } from './random-id.js';

/** W3C Trace Context, version 00: `00-<trace id>-<span id>-<flags>`; ids of only zeros are invalid. */
const TRACE_PARENT = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})$/;

/** The trace id of a `traceparent`; `undefined` where the header is absent or malformed. */
export const traceIdOf = (traceparent: string | undefined): string | undefined =>
  traceparent === undefined ? undefined : TRACE_PARENT.exec(traceparent)?.[1];

/**
 * A `traceparent` for work caused by `parent`: the same trace and its flags, a new span. Without a parent a new trace,
 * not sampled: nothing is recorded here, and whether a trace is worth recording is for a tracer to say (W3C Trace
 * Context, section 3.2.2.5.1). nats-server takes a message of a sampled trace apart header by header.
 */
export const childTrace = (parent: string | undefined): string => {
  const match = parent === undefined ? null : TRACE_PARENT.exec(parent);
  return match ? `00-${match[1]}-${randomHex(8)}-${match[3]}` : `00-${randomHex(16)}-${randomHex(8)}-00`;
};
