import { isUnicodeText, Violation } from '@millrace/core';

/** Deeper than any request has reason to be, and far from where recursion ends. */
const MAX_DEPTH = 20;

interface Place {
  value: unknown;
  path: string;
  depth: number;
}

/**
 * What of a request no code is to be asked to read: text that is not Unicode (a lone surrogate, which JSON can
 * say and checks of class-validator fail at), and values nested without end. The first such place.
 */
export const unreadablePart = (request: unknown): Violation | undefined => {
  const places: Place[] = [{ value: request, path: '', depth: 0 }];
  for (let place = places.pop(); place; place = places.pop()) {
    const { value, path, depth } = place;
    if (typeof value === 'string' && !isUnicodeText(value)) {
      return { path, constraint: 'isUnicodeText', message: `${path} must be Unicode text` };
    }
    if (typeof value !== 'object' || value === null) continue;
    if (depth > MAX_DEPTH) {
      return { path, constraint: 'maxDepth', message: `${path} must not be nested deeper than ${MAX_DEPTH}` };
    }
    for (const [name, inner] of Object.entries(value)) {
      if (!isUnicodeText(name)) {
        return { path, constraint: 'isUnicodeText', message: 'names of properties must be Unicode text' };
      }
      places.push({ value: inner, path: path === '' ? name : `${path}.${name}`, depth: depth + 1 });
    }
  }
  return undefined;
};
