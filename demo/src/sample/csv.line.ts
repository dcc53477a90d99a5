const LINE_END = '\r\n';
const SPECIAL = /[",\r\n]/;

/** A record as spreadsheets write it. */
export const csvLine = (fields: readonly string[]): string => `${fields.map(quoted).join(',')}${LINE_END}`;

const quoted = (field: string): string => (SPECIAL.test(field) ? `"${field.replaceAll('"', '""')}"` : field);
