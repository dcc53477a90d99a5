import { findEventContract } from '@millrace/core';
import * as contracts from './index.js';

it('reports are about every context that has an event here', () => {
  const contexts = Object.values<unknown>(contracts).flatMap((exported) => {
    const contract = typeof exported === 'function' ? findEventContract(exported as never) : undefined;
    return contract ? [contract.name.context] : [];
  });
  expect([...new Set(contexts)].sort()).toEqual([...contracts.REPORT_CONTEXTS]);
});
