import { Command, commandContractOf } from '../contracts/command.decorator.js';
import { newsSubject } from '../state/command.state.js';
import { cancelSubject } from '../tasks/task.cancels.js';
import { taskSubject } from '../tasks/task.queue.js';
import { dispatchingRights, sendingRights, servingRights, workerRights } from './command.rights.js';

@Command('sale.make')
class MakeSale {}

const contract = commandContractOf(MakeSale);

describe('what commands need', () => {
  it('to be handled: to take their requests, and no right to send any', () => {
    const rights = servingRights([contract], 'shop');
    const heard = rights.filter(({ kind }) => kind === 'subscribe').map(({ subject }) => subject);
    expect(heard).toEqual(expect.arrayContaining(['commands.sale.make', '$SRV.INFO.shop']));
    expect(heard).not.toContain('>');
    const published = rights.filter(({ kind }) => kind === 'publish').map(({ subject }) => subject);
    expect(published.filter((subject) => subject.startsWith('commands.'))).toEqual([]);
  });

  it('to be sent: their own subjects only', () => {
    const rights = sendingRights(contract);
    expect(rights.every(({ kind }) => kind === 'publish')).toBe(true);
    expect(rights.map(({ subject }) => subject)).toEqual([
      'commands.sale.make',
      'commands.sale.make.all',
      'commands.sale.make.control',
    ]);
  });

  it('to be worked off: to take their own tasks, to hear of cancellations, and to store what came of them', () => {
    const consumer = { contract, consumer: 'sale_make-normal', group: 'sale-make' };
    const rights = workerRights([consumer]);
    const published = rights.filter(({ kind }) => kind === 'publish').map(({ subject }) => subject);
    expect(published).toEqual(
      expect.arrayContaining([
        '$JS.API.CONSUMER.MSG.NEXT.COMMAND_TASKS.sale_make-normal',
        '$JS.ACK.COMMAND_TASKS.sale_make-normal.>',
        'command-state.result.*',
        'command-state.progress.*',
        'dead.sale.make.sale-make.*',
      ]),
    );
    const heard = rights.filter(({ kind }) => kind === 'subscribe').map(({ subject }) => subject);
    expect(heard).toEqual([newsSubject('*'), cancelSubject('*')]);
    // Neither to put tasks in, nor to call them off, nor to take those of others.
    expect(published).not.toContain(cancelSubject('*'));
    expect(published.filter((subject) => subject.startsWith('tasks.'))).toEqual([]);
    const taken = published.filter((subject) => /MSG\.NEXT|^\$JS\.ACK/.test(subject));
    expect(taken.filter((subject) => !subject.includes('.sale_make-normal'))).toEqual([]);
  });

  it('to be put into the work queue: their own tasks only, with what came of them, and to cancel them', () => {
    const rights = dispatchingRights([contract]);
    const published = rights.filter(({ kind }) => kind === 'publish').map(({ subject }) => subject);
    expect(published).toEqual(
      expect.arrayContaining([
        taskSubject(contract.name, '*', '*'),
        cancelSubject('*'),
        '$JS.API.STREAM.PURGE.COMMAND_TASKS',
        'command-state.result.*',
      ]),
    );
    expect(published.filter((subject) => /CONSUMER|^\$JS\.ACK|progress/.test(subject))).toEqual([]);
  });

  it('are none where there are no commands', () => {
    expect([...servingRights([], 'shop'), ...workerRights([]), ...dispatchingRights([])]).toEqual([]);
  });
});
