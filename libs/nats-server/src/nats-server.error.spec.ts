import { NatsServerError, NatsServerErrorCode, reasonOf } from './nats-server.error.js';

describe('NatsServerError', () => {
  it('says which ways were tried and what each answered', () => {
    const error = new NatsServerError({
      code: NatsServerErrorCode.NotFound,
      problem: 'Nothing found',
      tried: [
        { way: 'PATH', answer: '/usr/sbin/nats-server is 2.9.10, older than 2.14.0' },
        { way: 'cache', answer: 'nothing there' },
      ],
      remedy: 'Install one.',
    });
    expect(error.message).toBe(
      'Nothing found.\nTried:\n  - PATH: /usr/sbin/nats-server is 2.9.10, older than 2.14.0\n  - cache: nothing there\nInstall one.',
    );
    expect(error.code).toBe('NATS_SERVER_NOT_FOUND');
    expect(error.tried).toHaveLength(2);
  });

  it('carries the tail of the log and the cause', () => {
    const cause = new Error('spawn failed');
    const error = new NatsServerError({
      code: NatsServerErrorCode.StartFailed,
      problem: 'It ended',
      logTail: ['[FTL] no'],
      remedy: 'Look.',
      cause,
    });
    expect(error.message).toBe('It ended.\nThe end of its log:\n  | [FTL] no\nLook.');
    expect(error.cause).toBe(cause);
  });

  it('stays on one line when there is nothing to list', () => {
    const error = new NatsServerError({
      code: NatsServerErrorCode.OptionInvalid,
      problem: 'Bad',
      remedy: 'Mend it.',
    });
    expect(error.message).toBe('Bad. Mend it.');
    expect('cause' in error).toBe(false);
  });

  it('puts any reason on one line', () => {
    expect(reasonOf(new Error('a\n  b\n'))).toBe('a; b');
    expect(reasonOf('text')).toBe('text');
  });
});
