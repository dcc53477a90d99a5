// Imports one package, and tells its parent how long that took.
const [specifier = ''] = process.argv.slice(2);
const before = performance.now();
await import(specifier);
process.send?.({ ms: performance.now() - before });
