import { mayInspect, mayPublish, mayPurge, mayRead, maySubscribe, Right } from '@millrace/core';
import { consumerRights, deadLetterRights } from '@millrace/delivery';
import { CommandContract } from '../contracts/command.decorator.js';
import { VERBS, verbSubjects } from '../serving/service.subjects.js';
import { COMMAND_STATE, newsSubject, StateKind, stateSubject } from '../state/command.state.js';
import { cancelSubject } from '../tasks/task.cancels.js';
import { TASK_STREAM, taskDeadSubject, taskSubject } from '../tasks/task.queue.js';
import { TaskConsumer } from '../tasks/task.worker.js';

/** To take requests of commands, and answer them. @param service its name in `nats micro ls`. */
export const servingRights = (contracts: readonly CommandContract[], service: string): Right[] => {
  if (contracts.length === 0) return [];
  return [
    ...contracts.flatMap(({ type, subjects }) =>
      [subjects.one, subjects.everyReplica].map((subject) =>
        maySubscribe(subject, `command ${type}`, 'take requests'),
      ),
    ),
    ...VERBS.flatMap((verb) =>
      verbSubjects(verb, service, '*').map((subject) => maySubscribe(subject, 'commands', 'be found')),
    ),
    ...stateRights(['answer'], 'idempotency keys'),
  ];
};

/** To take tasks. */
export const workerRights = (consumers: readonly TaskConsumer[]): Right[] => {
  if (consumers.length === 0) return [];
  return [
    ...stateRights(['result', 'progress'], 'tasks'),
    maySubscribe(cancelSubject('*'), 'tasks', 'hear of those wanted no more'),
    ...consumers.flatMap(({ contract, consumer, group }) => {
      const place = { stream: TASK_STREAM, consumer, label: `tasks of ${contract.type}` };
      return [
        ...consumerRights(place),
        ...deadLetterRights(taskDeadSubject(contract.name, group, '*'), place.label),
      ];
    }),
  ];
};

/** To send commands, and to cancel them. */
export const sendingRights = ({ type, subjects }: CommandContract): Right[] =>
  [subjects.one, subjects.all, subjects.control].map((subject) =>
    mayPublish(subject, `command ${type}`, 'send it'),
  );

/** To store commands in the work queue, to follow them and to cancel them. */
export const dispatchingRights = (contracts: readonly CommandContract[]): Right[] => {
  if (contracts.length === 0) return [];
  return [
    ...contracts.map(({ type, name }) =>
      mayPublish(taskSubject(name, '*', '*'), `command ${type}`, 'dispatch it'),
    ),
    mayInspect(TASK_STREAM, 'dispatched commands'),
    mayRead(TASK_STREAM, 'dispatched commands'),
    mayPurge(TASK_STREAM, 'dispatched commands'),
    mayPublish(cancelSubject('*'), 'dispatched commands', 'cancel them'),
    ...stateRights(['result'], 'dispatched commands'),
  ];
};

const stateRights = (kinds: readonly StateKind[], label: string): Right[] => [
  mayInspect(COMMAND_STATE, label),
  mayRead(COMMAND_STATE, label),
  ...kinds.map((kind) => mayPublish(stateSubject(kind, '*'), label, `store each ${kind}`)),
  maySubscribe(newsSubject('*'), label, 'hear of what is stored'),
];
