import { summaryOf, statusOf, WireError } from '../wire/wire.error.js';

/** An endpoint's numbers, in the form of ADR-32. Times are in nanoseconds. */
export interface EndpointNumbers {
  num_requests: number;
  num_errors: number;
  last_error: string;
  processing_time: number;
  average_processing_time: number;
}

const NANOS = 1_000_000;

/** Counts what an endpoint does. */
export class EndpointStats {
  private requests = 0;
  private errors = 0;
  private lastError = '';
  private totalMs = 0;

  record(elapsedMs: number): void {
    this.requests++;
    this.totalMs += elapsedMs;
  }

  recordError(error: WireError): void {
    this.errors++;
    this.lastError = `${statusOf(error)}:${summaryOf(error)}`;
  }

  read(): EndpointNumbers {
    const processing = Math.round(this.totalMs * NANOS);
    return {
      num_requests: this.requests,
      num_errors: this.errors,
      last_error: this.lastError,
      processing_time: processing,
      average_processing_time: this.requests === 0 ? 0 : Math.round(processing / this.requests),
    };
  }
}
