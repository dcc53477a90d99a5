import { ConnectionHealth, MillraceConnection } from '@millrace/core';

type State = ConnectionHealth['state'];

/** Who wants to be told of which state of a connection, as Nest's `on()` takes it. */
export class ConnectionStates {
  private readonly listeners = new Map<string, (() => void)[]>();

  on(state: string, listener: () => void): void {
    this.listeners.set(state, [...(this.listeners.get(state) ?? []), listener]);
  }

  /** Tells of the present state, and of each change, until the connection closes. */
  follow({ health }: MillraceConnection, tell: (state: State) => void): void {
    health.changes.subscribe(({ state }) => {
      tell(state);
      for (const listener of this.listeners.get(state) ?? []) listener();
    });
  }
}
