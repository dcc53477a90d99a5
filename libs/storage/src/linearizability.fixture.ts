import { assertNever } from '@millrace/core';

/**
 * What a client did to one key, and what came of it. Values are unique within a history, so a write that
 * expects a revision is one that expects the value of that revision.
 */
export type Operation =
  | { kind: 'get'; found: string | undefined }
  | { kind: 'put'; value: string }
  | { kind: 'create'; value: string }
  | { kind: 'update'; value: string; expected: string }
  | { kind: 'delete' };

export interface Recorded {
  readonly operation: Operation;
  readonly begun: number;
  /** `undefined` where nobody knows whether it happened: it may have at any time since it was begun, or never. */
  readonly ended: number | undefined;
  /** Whether it was refused for what it expected. */
  readonly refused: boolean;
}

type State = string | undefined;

/** The state after an operation; `impossible` where it cannot have come about in this state. */
const step = (state: State, { operation, refused }: Recorded): { next: State } | 'impossible' => {
  switch (operation.kind) {
    case 'get':
      return operation.found === state ? { next: state } : 'impossible';
    case 'put':
      return { next: operation.value };
    case 'delete':
      return { next: undefined };
    case 'create':
    case 'update': {
      const expected = operation.kind === 'create' ? undefined : operation.expected;
      if (refused) return state === expected ? 'impossible' : { next: state };
      return state === expected ? { next: operation.value } : 'impossible';
    }
    default:
      return assertNever(operation);
  }
};

interface Node {
  readonly at: number;
  readonly isCall: boolean;
  previous: Node | undefined;
  next: Node | undefined;
  /** The end of a call; none where nobody knows it. */
  end: Node | undefined;
}

const unlink = (node: Node): void => {
  if (node.previous) node.previous.next = node.next;
  if (node.next) node.next.previous = node.previous;
};

const relink = (node: Node): void => {
  if (node.previous) node.previous.next = node;
  if (node.next) node.next.previous = node;
};

const toList = (history: readonly Recorded[]): Node => {
  const events: { time: number; node: Node }[] = [];
  for (const [at, { begun, ended }] of history.entries()) {
    const bare = { at, previous: undefined, next: undefined, end: undefined };
    const end: Node | undefined = ended === undefined ? undefined : { ...bare, isCall: false };
    if (end && ended !== undefined) events.push({ time: ended, node: end });
    events.push({ time: begun, node: { ...bare, isCall: true, end } });
  }
  // At one instant, what began may have overlapped with what ended.
  events.sort((a, b) => a.time - b.time || Number(b.node.isCall) - Number(a.node.isCall));
  const head: Node = { at: -1, isCall: false, previous: undefined, next: undefined, end: undefined };
  let last = head;
  for (const { node } of events) {
    node.previous = last;
    last.next = node;
    last = node;
  }
  return head;
};

/**
 * Whether there is an order of the operations that keeps to real time and that one register, without a value at
 * first, could have answered with. Wing and Gong's search with Lowe's memory of what was tried
 * ("Testing for linearizability", 2017).
 */
export const isLinearizable = (history: readonly Recorded[]): boolean => {
  const head = toList(history);
  const taken = new Uint8Array(history.length);
  const tried = new Set<string>();
  const path: { node: Node; before: State }[] = [];
  let required = history.filter(({ ended }) => ended !== undefined).length;
  let state: State;
  let node = head.next;
  while (required > 0) {
    const recorded = node?.isCall ? history[node.at] : undefined;
    const outcome = recorded ? step(state, recorded) : 'impossible';
    if (node?.isCall && outcome !== 'impossible') {
      taken[node.at] = 1;
      const memory = `${String(outcome.next)} ${taken.join('')}`;
      if (!tried.has(memory)) {
        tried.add(memory);
        path.push({ node, before: state });
        state = outcome.next;
        unlink(node);
        if (node.end) {
          unlink(node.end);
          required--;
        }
        node = head.next;
        continue;
      }
      taken[node.at] = 0;
    }
    if (node?.isCall) {
      node = node.next;
      continue;
    }
    // Something ended that was not taken yet, or nothing is left to take: the last choice was wrong.
    const wrong = path.pop();
    if (!wrong) return false;
    state = wrong.before;
    taken[wrong.node.at] = 0;
    if (wrong.node.end) {
      relink(wrong.node.end);
      required++;
    }
    relink(wrong.node);
    node = wrong.node.next;
  }
  return true;
};
