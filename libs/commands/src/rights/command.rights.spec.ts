import { Command, commandContractOf } from '../contracts/command.decorator.js';
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

  it('are none where there are no commands', () => {
    expect([...servingRights([], 'shop'), ...workerRights([]), ...dispatchingRights([])]).toEqual([]);
  });
});
