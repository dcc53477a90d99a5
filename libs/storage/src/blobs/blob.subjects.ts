/** The stream of an object store (ADR-20). */
export const blobStream = (name: string): string => `OBJ_${name}`;

/** Its subjects: chunks, and what is known of each object. */
export const blobSpaces = (name: string): string[] => [`$O.${name}.C.>`, `$O.${name}.M.>`];
