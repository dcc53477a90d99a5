import { FaultKind } from '../schedule/fault.js';

/**
 * Within how many milliseconds of its end a fault must be over for every group and every key: an event that was
 * published after the end has been handled.
 */
export const RECOVERY_BOUND_MS: Readonly<Record<FaultKind, number>> = {
  'kill-app': 15_000,
  'pause-app': 15_000,
  'shift-clock': 10_000,
  'cut-client': 15_000,
  'delete-consumer': 15_000,
  'kill-server': 20_000,
  'pause-server': 20_000,
  'slow-server': 15_000,
  'fill-store': 20_000,
  'fill-stream': 20_000,
  'step-down': 15_000,
  'cut-nodes': 20_000,
};

/** The same for groups whose events the server copies: after the loss of a leader that is taken up late. */
export const COPIED_RECOVERY_BOUND_MS = 60_000;
