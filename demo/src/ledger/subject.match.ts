/** Whether a subject falls under a NATS filter: `*` is one token, a last `>` is one or more. */
export const matchesSubject = (filter: string, subject: string): boolean => {
  const wanted = filter.split('.');
  const tokens = subject.split('.');
  for (const [at, want] of wanted.entries()) {
    if (want === '>') return at === wanted.length - 1 && tokens.length > at;
    if (at >= tokens.length || (want !== '*' && want !== tokens[at])) return false;
  }
  return tokens.length === wanted.length;
};

const EVENT_TOKEN = 2;

/** Whether a filter over `events.<context>.<event>.<key>` lets through one kind of event only. */
export const takesOneEvent = (filter: string): boolean => {
  const event = filter.split('.')[EVENT_TOKEN];
  return event !== undefined && event !== '*' && event !== '>';
};
