// class-transformer keeps its metadata where its index does not export it from, and ships this file's types apart.
declare module 'class-transformer/cjs/storage.js' {
  export { defaultMetadataStorage } from 'class-transformer/types/storage.js';
}
