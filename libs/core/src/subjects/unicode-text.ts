// With the `u` flag a well-formed pair is one code point, so this finds lone surrogates only.
const LONE_SURROGATE = /\p{Surrogate}/u;

/** Whether `text` has a UTF-8 form: a JavaScript string with a lone surrogate has none. */
export const isUnicodeText = (text: string): boolean => !LONE_SURROGATE.test(text);
