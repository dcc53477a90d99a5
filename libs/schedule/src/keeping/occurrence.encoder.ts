import { headers as createHeaders, MsgHdrs } from '@nats-io/transport-node';
import {
  childTrace,
  Codec,
  encodeAttribute,
  HeaderName,
  parseEventName,
  writeEventHeaders,
} from '@millrace/core';
import { fillTemplate, OccurrenceFields } from '../record/event.template.js';
import { ScheduleRecord } from '../record/schedule.record.js';
import { EventTarget } from '../record/schedule.target.js';
import { OccurrenceFacts, occurrenceId, writeFacts } from './occurrence.headers.js';
import { eventOccurrence, runSubject } from './occurrence.stream.js';

/** An occurrence as it goes over the wire. */
export interface EncodedOccurrence {
  subject: string;
  payload: Uint8Array;
  headers: MsgHdrs;
}

/** The message of an occurrence: an event, or what a handler is called with. */
export const encodeOccurrence = (
  record: ScheduleRecord,
  facts: OccurrenceFacts,
  codec: Codec,
): EncodedOccurrence => {
  const { target } = record;
  const fields = fieldsOf(record, facts);
  if (target.kind === 'event') return encodeEventOccurrence({ record, target, facts, fields }, codec);
  const headers = createHeaders();
  for (const [name, value] of Object.entries(writeFacts(facts))) headers.set(name, value);
  headers.set(HeaderName.MessageId, encodeAttribute(occurrenceId(facts)));
  headers.set(HeaderName.ContentType, codec.contentType);
  return { subject: runSubject(record.name), payload: codec.encode(fields), headers };
};

interface EventOccurrence {
  record: ScheduleRecord;
  target: EventTarget;
  facts: OccurrenceFacts;
  fields: OccurrenceFields;
}

const encodeEventOccurrence = (
  { record, target, facts, fields }: EventOccurrence,
  codec: Codec,
): EncodedOccurrence => {
  const key = keyOf(target, fields);
  return {
    subject: eventOccurrence(record.name, parseEventName(target.type), key),
    payload: codec.encode(fillTemplate(target.data, fields)),
    headers: writeEventHeaders(
      {
        id: occurrenceId(facts),
        source: record.owner,
        type: target.type,
        version: target.version,
        key,
        timeMs: facts.firedAt,
        contentType: codec.contentType,
        traceparent: childTrace(undefined),
      },
      writeFacts(facts),
    ),
  };
};

const keyOf = ({ key }: EventTarget, fields: OccurrenceFields): string | undefined => {
  const filled = fillTemplate(key, fields);
  return typeof filled === 'string' || typeof filled === 'number' ? `${filled}` : undefined;
};

const fieldsOf = ({ timing }: ScheduleRecord, facts: OccurrenceFacts): OccurrenceFields => ({
  schedule: facts.schedule,
  scheduledFor: new Date(facts.scheduledFor).toISOString(),
  firedAt: new Date(facts.firedAt).toISOString(),
  run: facts.run,
  tick: timing.kind === 'every' ? Math.floor(facts.scheduledFor / timing.everyMs) : 0,
  missed: facts.missed,
});
