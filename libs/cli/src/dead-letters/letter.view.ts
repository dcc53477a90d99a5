import { DeadLetter, REPLAY_EDITED } from '@millrace/delivery';
import { printable, printableLines } from '../output/printable.js';
import { Output } from '../output/output.js';
import { Column } from '../output/table.js';

const decoder = new TextDecoder('utf-8', { fatal: true });

/** A body as text; `undefined` where it is none. */
export const textOf = (body: Uint8Array): string | undefined => {
  try {
    return decoder.decode(body);
  } catch {
    return undefined;
  }
};

/** `undefined` where the text is no JSON. */
export const jsonOf = (text: string): { value: unknown } | undefined => {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
};

const causeOf = ({ cause }: DeadLetter): string => `${cause.code ?? cause.name}: ${cause.message}`;

export const LETTER_COLUMNS: readonly Column<DeadLetter>[] = [
  { title: 'ID', of: ({ id }) => id, max: 12 },
  { title: 'DEAD AT', of: ({ deadAt }) => deadAt.toISOString(), max: 24 },
  { title: 'EVENT', of: ({ context, event }) => `${context}.${event}`, max: 40 },
  { title: 'GROUP', of: ({ group }) => group, max: 40 },
  { title: 'KEY', of: ({ key }) => key ?? '-', max: 36 },
  { title: 'TRIES', of: ({ attempts }) => String(attempts), max: 5 },
  { title: 'CAUSE', of: causeOf, max: 80 },
];

/** A dead letter for programs, as `ls` and `watch` give it. */
export const letterJson = (letter: DeadLetter): Record<string, unknown> => {
  const { id, context, event, group, key = null, attempts, replays, deadAt, original, bodyLeft } = letter;
  const { name, code, message } = letter.cause;
  return {
    id,
    context,
    event,
    group,
    key,
    cause: { name, code, message },
    attempts,
    replays,
    deadAt,
    original,
    bodyBytes: bodyLeft ? null : letter.body.length,
  };
};

/** The same with all there is. A body that is JSON is given as such, other text as text, the rest in base64. */
export const wholeLetterJson = (letter: DeadLetter, body: Uint8Array): Record<string, unknown> => {
  const text = textOf(body);
  const parsed = text === undefined ? undefined : jsonOf(text);
  return {
    ...letterJson(letter),
    cause: letter.cause,
    bodyBytes: body.length,
    headers: letter.headers,
    ...(parsed ? { body: parsed.value } : {}),
    ...(text !== undefined && !parsed ? { bodyText: text } : {}),
    ...(text === undefined ? { bodyBase64: Buffer.from(body).toString('base64') } : {}),
  };
};

const isDeath = (name: string): boolean => name.startsWith('Millrace-Dead-');

/** Everything about a dead letter, for people. `body` is `undefined` where it is lost. */
export const letterText = (letter: DeadLetter, body: Uint8Array | undefined, output: Output): string => {
  const { id, context, event, group, key, cause, attempts, replays, original, deadAt, headers } = letter;
  const field = (name: string, value: string): string =>
    `${output.paint('dim', `${name}:`.padEnd(10))} ${printable(value)}`;
  const edited = headers[REPLAY_EDITED] === 'true' ? ', with an edited body' : '';
  return [
    output.paint('bold', `Dead letter ${id}`),
    field('event', `${context}.${event}`),
    field('group', group),
    field('key', key ?? '(none)'),
    field('attempts', String(attempts)),
    field('dead at', deadAt.toISOString()),
    field('original', `${original.stream} ${original.sequence}, ${original.time.toISOString()}`),
    field('subject', original.subject),
    ...(replays > 0 ? [field('replayed', `${replays} ${replays === 1 ? 'time' : 'times'}${edited}`)] : []),
    '',
    output.paint('red', printable(`${cause.name}${cause.code ? ` [${cause.code}]` : ''}: ${cause.message}`)),
    ...(cause.stack === undefined ? [] : [output.paint('dim', printableLines(cause.stack))]),
    '',
    output.paint('bold', 'Headers'),
    ...Object.entries(headers)
      .filter(([name]) => !isDeath(name))
      .map(([name, value]) => `  ${printable(name)}: ${printable(value)}`),
    '',
    output.paint('bold', 'Body'),
    body === undefined ? '(gone with the original)' : bodyText(body),
  ].join('\n');
};

const bodyText = (body: Uint8Array): string => {
  const text = textOf(body);
  if (text === undefined)
    return `(${body.length} bytes that are no text, in base64)\n${Buffer.from(body).toString('base64')}`;
  const parsed = jsonOf(text);
  return printableLines(parsed ? JSON.stringify(parsed.value, undefined, 2) : text);
};
