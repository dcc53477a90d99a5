import { ApiAnswer, ApiClient } from './api.client.js';

export type Api = Pick<ApiClient, 'get' | 'post' | 'patch' | 'delete'>;

/** Keeps what was not answered as it should be. */
export class Expectations {
  readonly problems: string[] = [];

  /** `undefined` where the answer is another; that is a problem. */
  async of(status: number, request: string, sending: Promise<ApiAnswer>): Promise<ApiAnswer | undefined> {
    const answer = await sending;
    if (answer.status === status) return answer;
    this.problems.push(
      `${request} was answered ${answer.status}, not ${status}: ${JSON.stringify(answer.body)}`,
    );
    return undefined;
  }
}
