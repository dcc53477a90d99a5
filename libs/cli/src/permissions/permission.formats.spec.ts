import { ApplicationRights } from '@millrace/core';
import { explanation, natsBlock, nscArguments, permissionsJson } from './permission.formats.js';

const RIGHTS: ApplicationRights = {
  app: 'shop',
  answers: true,
  rights: [
    { kind: 'publish', subject: 'sales.one', by: 'event a', to: 'publish it' },
    { kind: 'publish', subject: 'sales.*', by: 'event b', to: 'publish it' },
    { kind: 'subscribe', subject: '_INBOX.shop.>', by: 'connection', to: 'get answers' },
  ],
};
const NONE: ApplicationRights = { app: 'shop', answers: false, rights: [] };

describe('permissions as', () => {
  it('a block of nats-server: the widest subjects, each with its reasons', () => {
    expect(natsBlock(RIGHTS, true).slice(1)).toEqual([
      'publish {',
      '  allow: [',
      '    "sales.*"  # publish it: event a, event b',
      '  ]',
      '}',
      'subscribe {',
      '  allow: [',
      '    "_INBOX.shop.>"  # get answers: connection',
      '  ]',
      '}',
      '# answer, as often as a stream has items: commands',
      'allow_responses { max: -1, expires: "10m" }',
    ]);
  });

  it('a block that denies everything where nothing is needed', () => {
    expect(natsBlock(NONE, false).slice(1)).toEqual(['publish { deny: ">" }', 'subscribe { deny: ">" }']);
  });

  it('arguments of nsc, safe in a shell', () => {
    expect(nscArguments(RIGHTS)).toEqual([
      "--allow-pub 'sales.*'",
      "--allow-sub '_INBOX.shop.>'",
      '--allow-pub-response=-1',
      '--response-ttl 10m',
    ]);
  });

  it('JSON, with answers only where they are given', () => {
    expect(permissionsJson(RIGHTS)).toMatchObject({ app: 'shop', answers: { max: -1, expires: '10m' } });
    expect(permissionsJson(NONE)).toEqual({ app: 'shop', publish: [], subscribe: [] });
  });

  it('an explanation by what needs them', () => {
    expect(explanation(RIGHTS)[1]).toEqual({
      thing: 'event a',
      lines: ['publish   sales.one  (publish it)'],
    });
  });
});
