/**
 * Within how many milliseconds of its end any fault must be over for a group and every key: an event that was published
 * after the end has been handled, behind whatever had piled up. On an idle machine it takes some seconds.
 */
export const RECOVERY_BOUND_MS = 30_000;

/** The same for groups whose events the server copies: after the loss of a leader that is taken up late. */
export const COPIED_RECOVERY_BOUND_MS = 60_000;
