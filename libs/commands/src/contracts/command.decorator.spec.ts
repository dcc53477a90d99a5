import { MillraceError } from '@millrace/core';
import { Command, commandContractOf, contractOfCommand, Replying } from './command.decorator.js';

class Done {
  at!: number;
}

it('records the name, its subjects, the reply and the time', () => {
  @Command('user.register', { reply: Done, timeout: '2s' })
  class Register extends Replying<Done> {}
  expect(contractOfCommand(new Register())).toMatchObject({
    type: 'user.register',
    target: Register,
    reply: Done,
    timeoutMs: 2000,
    subjects: {
      one: 'commands.user.register',
      all: 'commands.user.register.all',
      control: 'commands.user.register.control',
    },
  });
  // The types say it, and nothing else does.
  expect(Object.keys(new Register())).toEqual([]);
});

it('refuses a class that says it is answered by something else', () => {
  // @ts-expect-error -- it replies with text
  @Command('user.wrong', { reply: Done })
  class Wrong extends Replying<string> {}
  expect(commandContractOf(Wrong).reply).toBe(Done);
});

it.each(['register', 'user.register.now', 'user.*', ' user.register', ''])('refuses the name %j', (name) => {
  expect(() => Command(name)(class {})).toThrow(MillraceError);
});

it('knows no command in a class without the decorator, nor in one that extends a command', () => {
  @Command('user.base')
  class Base {}
  class Derived extends Base {}
  for (const target of [Derived, Done]) {
    expect(() => commandContractOf(target)).toThrow(
      expect.objectContaining({ code: 'CONTRACT_UNKNOWN' }) as Error,
    );
  }
});
