import { NatsConnection } from '@nats-io/transport-node';
import { backPressure } from '../ledger/back.pressure.js';
import { Ledger } from '../ledger/ledger.js';
import { Activity } from '../run/activity.js';
import { identify } from './csv/file.identity.js';
import { OrderInput } from './order.input.js';
import { InputDisplay, InputDisplayOptions } from './progress/input.display.js';
import { createInputReport, InputReport } from './progress/input.summary.js';
import { openProgressStore } from './progress/progress.store.js';
import { RejectList } from './rows/reject.list.js';
import { SenderApis } from './sending/order.sender.js';

export interface InputActivityParts {
  readonly nc: NatsConnection;
  readonly ledger: Ledger;
  readonly apis: SenderApis;
  readonly file: string;
  readonly rejectsFile: string | undefined;
  readonly print: (line: string) => void;
  readonly createDisplay: (options: InputDisplayOptions) => InputDisplay;
}

/** Events that may wait for the apps: a few hundred orders' worth. */
export const BACKLOG = 4000;
export const STALL_MS = 60_000;
const SHOW_MS = 200;

/** Feeds a file of order lines, shows how far it is, and tells what became of it. */
export class InputActivity implements Activity {
  private input: OrderInput | undefined;
  private rejects: RejectList | undefined;
  private ms = 0;

  constructor(private readonly parts: InputActivityParts) {}

  get problems(): readonly string[] {
    const { tally } = this.input ?? {};
    if (!tally) return [];
    const { refused, problems } = tally;
    return refused === 0 ? [] : [`${refused} orders or cancellations were refused`, ...problems];
  }

  /** `undefined` where nothing was read. */
  get report(): InputReport | undefined {
    const { input, rejects, ms } = this;
    return input && rejects && createInputReport({ file: this.parts.file, input, rejects, ms });
  }

  /** @throws Error that names the file, where it cannot be read or the apps do not keep up. */
  async run(stop: AbortSignal): Promise<void> {
    const { file, print, createDisplay } = this.parts;
    const { id, size, start } = await identify(file);
    const display = createDisplay({ print, size, now: () => performance.now() });
    const input = await this.open({ id, start }, { display, stop });
    const startedAt = performance.now();
    const timer = setInterval(() => display.update(input.position), SHOW_MS);
    try {
      await input.run();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(`Feeding ${file} ended early: ${reason}`, { cause: error });
    } finally {
      this.ms = performance.now() - startedAt;
      clearInterval(timer);
      display.update(input.position);
      display.stop();
      await this.rejects?.end();
    }
  }

  private async open(
    { id, start }: { id: string; start: number },
    { display, stop }: { display: InputDisplay; stop: AbortSignal },
  ): Promise<OrderInput> {
    const { nc, ledger, apis, file, rejectsFile } = this.parts;
    const rejects = new RejectList({ print: (line) => display.print(line), file: rejectsFile });
    this.rejects = rejects;
    this.input = new OrderInput({
      file,
      start,
      apis,
      store: await openProgressStore(nc, id),
      onReject: (reject) => rejects.add(reject),
      pace: backPressure({ ledger, limit: BACKLOG, stallMs: STALL_MS, stop }),
      stop,
    });
    return this.input;
  }
}
