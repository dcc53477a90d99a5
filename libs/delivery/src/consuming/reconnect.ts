import { MillraceConnection } from '@millrace/core';

/** Calls `back` each time the connection returns, and `closed` when it will not. Returns how to stop. */
export const onReconnect = (
  { health }: MillraceConnection,
  back: () => void,
  closed?: () => void,
): (() => void) => {
  let away = false;
  const watch = health.changes.subscribe(({ state }) => {
    if (state === 'closed') return closed?.();
    const returned = away && state === 'connected';
    away = state !== 'connected';
    if (returned) back();
  });
  return () => watch.unsubscribe();
};
