import { createRequire } from 'node:module';

type ClassValidator = typeof import('class-validator');

const require = createRequire(import.meta.url);
let loaded: ClassValidator | undefined;

/**
 * class-validator, loaded when something is validated first: it takes a quarter of the time that importing a
 * package of ours would take, and most of that is the search of its CommonJS files for names to import.
 */
export const classValidator = (): ClassValidator => (loaded ??= require('class-validator') as ClassValidator);
