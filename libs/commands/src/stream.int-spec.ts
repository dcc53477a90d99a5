import { ConflictException, Injectable } from '@nestjs/common';
import { IsInt } from 'class-validator';
import { NatsServer, startNatsServer } from '@millrace/nats-server';
import { closeApps, freshContext, rejection, startApp, until } from './commands.fixture.js';
import { Command, CommandContext, Context, HandleCommand, Replying } from './index.js';

let server: NatsServer;
beforeAll(async () => void (server = await startNatsServer()));
afterEach(closeApps, 20_000);
afterAll(() => server.stop());

class Row {
  @IsInt() n!: number;
}

const listCommand = () => {
  @Command(`${freshContext()}.list`, { reply: Row })
  class List extends Replying<Row> {
    @IsInt() count: number;
    constructor(count: number) {
      super();
      this.count = count;
    }
  }
  return List;
};

type ListClass = ReturnType<typeof listCommand>;
interface Generating {
  /** The highest that a handler got to. */
  reached: number;
  ended: boolean;
  signal?: AbortSignal;
}

/** Answers with `count` rows, unless something happens at one of them. */
const lister = (List: ListClass, happens: (n: number) => unknown = () => undefined) => {
  const state: Generating = { reached: -1, ended: false };
  @Injectable()
  class Lister {
    @HandleCommand(List)
    async *list({ count }: InstanceType<ListClass>, @Context() context: CommandContext): AsyncGenerator<Row> {
      state.signal = context.signal;
      try {
        for (let n = 0; n < count; n++) {
          await happens(n);
          state.reached = n;
          yield { n };
        }
      } finally {
        state.ended = true;
      }
    }
  }
  return { Lister, state };
};

const collect = async (rows: AsyncIterable<Row>): Promise<number[]> => {
  const numbers: number[] = [];
  for await (const { n } of rows) numbers.push(n);
  return numbers;
};
const upTo = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

describe('a streaming reply', () => {
  it('arrives complete, in order and typed, however long', async () => {
    const List = listCommand();
    await startApp({ url: server.url, providers: [lister(List).Lister] });
    const { bus } = await startApp({ url: server.url });
    for await (const row of bus.stream(new List(1))) expect(row).toBeInstanceOf(Row);
    expect(await collect(bus.stream(new List(1000), { window: 8 }))).toEqual(upTo(1000));
    expect(await collect(bus.stream(new List(0)))).toEqual([]);
    expect(await Promise.all([3, 200, 50].map((count) => collect(bus.stream(new List(count)))))).toEqual(
      [3, 200, 50].map(upTo),
    );
  });

  it('holds the handler where its caller does not keep up', async () => {
    const List = listCommand();
    const { Lister, state } = lister(List);
    await startApp({ url: server.url, providers: [Lister] });
    const { bus, connection } = await startApp({ url: server.url });
    const rows = bus.stream(new List(1000), { window: 10 });
    await rows.next();
    await until('the credit is used up', () => state.reached >= 9);
    await connection.nc.flush();
    // One item may be ready before there is credit for it.
    expect(state.reached).toBeLessThanOrEqual(11);
    await rows.return();
  });

  it('stops the handler when its caller leaves the loop, or gives up', async () => {
    const List = listCommand();
    for (const leave of ['break', 'abort'] as const) {
      const { Lister, state } = lister(List);
      const serving = await startApp({ url: server.url, providers: [Lister] });
      const { bus } = await startApp({ url: server.url });
      const caller = new AbortController();
      const reading = (async () => {
        for await (const { n } of bus.stream(new List(1e9), { window: 4, signal: caller.signal })) {
          if (n < 10) continue;
          if (leave === 'break') break;
          caller.abort();
        }
      })();
      if (leave === 'break') await reading;
      else expect(await rejection(reading)).toMatchObject({ code: 'COMMAND_CANCELLED' });
      await until('the handler ends', () => state.ended);
      expect(state.signal?.aborted).toBe(true);
      await serving.close();
    }
  });

  it('passes on what the handler throws, after what came before', async () => {
    const List = listCommand();
    const { Lister } = lister(List, (n) => {
      if (n === 3) throw new ConflictException('three');
    });
    const { bus } = await startApp({ url: server.url, providers: [Lister] });
    const seen: number[] = [];
    const error = await rejection(
      (async () => {
        for await (const { n } of bus.stream(new List(9))) seen.push(n);
      })(),
    );
    expect(seen).toEqual([0, 1, 2]);
    expect(error).toMatchObject({ status: 409, message: 'three' });
  });

  it('of one item is what a handler without a stream gives; execute refuses more', async () => {
    const [List, Single] = [listCommand(), listCommand()];
    @Injectable()
    class One {
      @HandleCommand(Single)
      one(): Row {
        return { n: 7 };
      }
    }
    const { bus } = await startApp({ url: server.url, providers: [lister(List).Lister, One] });
    expect(await collect(bus.stream(new Single(1)))).toEqual([7]);
    expect(await rejection(bus.execute(new List(1)))).toMatchObject({ code: 'COMMAND_STREAMS' });
  });

  it('fails at once where nobody handles it, and for an invalid item', async () => {
    const List = listCommand();
    const { bus } = await startApp({ url: server.url });
    expect(await rejection(collect(bus.stream(new List(1))))).toMatchObject({ code: 'COMMAND_NO_HANDLER' });
    @Injectable()
    class Wrong {
      @HandleCommand(List)
      async *list(): AsyncGenerator {
        yield { n: await Promise.resolve('seven') };
      }
    }
    await startApp({ url: server.url, providers: [Wrong] });
    expect(await rejection(collect(bus.stream(new List(1))))).toMatchObject({ code: 'REPLY_INVALID' });
  });
});
