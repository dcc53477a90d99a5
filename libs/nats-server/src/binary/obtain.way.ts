import type { ProgressListener } from './obtain.progress.js';

/** What a way of obtaining came to. `refused` says why and lets the next way try. */
export type ObtainOutcome =
  | { readonly kind: 'obtained'; readonly path: string }
  | { readonly kind: 'refused'; readonly answer: string; readonly checksum?: true };

export interface ObtainWork {
  /** An empty directory of this attempt's own, removed afterwards. */
  readonly directory: string;
  readonly onProgress: ProgressListener;
}

/** One source of binaries. Leaves an executable somewhere under `work.directory`, or refuses. */
export interface ObtainWay {
  readonly name: string;
  obtain(work: ObtainWork): Promise<ObtainOutcome>;
}
