import { Row } from './row.js';

/** What one suite found, and how: kept beside the page, so that a suite can be measured anew by itself. */
export interface Evidence {
  readonly suite: string;
  readonly setting: string;
  readonly machine: string;
  readonly rounds: number;
  readonly count: number;
  readonly rows: readonly Row[];
}
