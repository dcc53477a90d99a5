import { Right } from './right.js';

const API = '$JS.API';

/** @param by what needs it, as in `bucket 'orders'` @param to for what, as in `write values` */
export const mayPublish = (subject: string, by: string, to: string): Right => ({
  kind: 'publish',
  subject,
  by,
  to,
});

export const maySubscribe = (subject: string, by: string, to: string): Right => ({
  kind: 'subscribe',
  subject,
  by,
  to,
});

/**
 * The subjects of the JetStream API (ADR-1, ADR-31) as rights. Most are of a whole stream: the server looks for what is
 * asked in the request's body, where permissions do not reach.
 */
export const mayInspect = (stream: string, by: string): Right =>
  mayPublish(`${API}.STREAM.INFO.${stream}`, by, 'check the stream');

/** Any message of the stream, read from its leader. */
export const mayRead = (stream: string, by: string): Right =>
  mayPublish(`${API}.STREAM.MSG.GET.${stream}`, by, 'read what is newest');

/** Any message of the stream, read from any of its replicas. */
export const mayReadDirectly = (stream: string, by: string): Right[] =>
  ['', '.>'].map((rest) => mayPublish(`${API}.DIRECT.GET.${stream}${rest}`, by, 'read directly'));

/** Several messages of the stream, in one request. */
export const mayReadBatches = (stream: string, by: string): Right =>
  mayPublish(`${API}.DIRECT.GET.${stream}`, by, 'read several at once');

export const mayPurge = (stream: string, by: string): Right =>
  mayPublish(`${API}.STREAM.PURGE.${stream}`, by, 'remove what is done with');

export const mayDeleteMessages = (stream: string, by: string): Right =>
  mayPublish(`${API}.STREAM.MSG.DELETE.${stream}`, by, 'take back an entry');

export const mayListConsumers = (stream: string, by: string, to: string): Right =>
  mayPublish(`${API}.CONSUMER.LIST.${stream}`, by, to);

/** To take messages from a consumer that exists, pause it, and acknowledge; `*` stands for any of the stream. */
export const mayConsume = (stream: string, consumer: string, by: string): Right[] => [
  mayPublish(`${API}.CONSUMER.INFO.${stream}.${consumer}`, by, 'look at the consumer'),
  mayPublish(`${API}.CONSUMER.MSG.NEXT.${stream}.${consumer}`, by, 'take messages'),
  mayPublish(`$JS.ACK.${stream}.${consumer}.>`, by, 'acknowledge'),
];

export const mayPause = (stream: string, consumer: string, by: string): Right =>
  mayPublish(`${API}.CONSUMER.PAUSE.${stream}.${consumer}`, by, 'pause and resume');

/** To make consumers of one filter, under any name, and to remove them. */
export const mayFollow = (stream: string, filter: string, by: string): Right[] => [
  mayPublish(`${API}.CONSUMER.CREATE.${stream}.*.${filter}`, by, 'make a consumer of its own'),
  mayPublish(`${API}.CONSUMER.DELETE.${stream}.*`, by, 'remove it'),
  ...mayConsume(stream, '*', by),
];

/** To make consumers of whatever of the stream, and to remove them: for a stream of the application's own. */
export const mayFollowAll = (stream: string, by: string): Right[] => [
  mayPublish(`${API}.CONSUMER.CREATE.${stream}`, by, 'list and to watch'),
  mayPublish(`${API}.CONSUMER.DELETE.${stream}.*`, by, 'end a list or a watch'),
  ...mayConsume(stream, '*', by).slice(0, 2),
];
