const CANCELS = 'command-cancel';

/** Where workers are told that a task is wanted no more. @param id `*` for all */
export const cancelSubject = (id: string): string => `${CANCELS}.${id}`;

/** The task of such a subject. */
export const cancelledId = (subject: string): string => subject.slice(CANCELS.length + 1);
