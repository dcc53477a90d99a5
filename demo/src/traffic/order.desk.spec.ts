import { ApiAnswer } from './api.client.js';
import { Api, Expectations } from './expectations.js';
import { OrderDesk } from './order.desk.js';
import { PLANS, READY, Step } from './order.plans.js';

interface Order {
  id: string;
  status: string;
  steps: string[];
}

const LEADS_TO: Readonly<Record<Step, string>> = {
  edit: 'created',
  confirm: 'confirmed',
  sign: 'signed',
  receive: 'received',
  complete: 'completed',
  cancel: 'cancelled',
  return: 'return-requested',
  returned: 'returned',
};
/** What happens to an order by itself. */
const MOVES_ON: Readonly<Record<string, string>> = {
  confirmed: 'paid',
  paid: 'processing',
  signed: 'shipped',
};

/** Orders as the app keeps them; they move on when they are looked at. */
class Orders {
  readonly orders: Order[] = [];
  /** Called before a step is taken. */
  beforeStep: (order: Order) => void = () => undefined;

  readonly api: Api = {
    get: async (path) => this.answer(200, this.moveOn(this.find(path))),
    post: async (path, body) => {
      if (path === '/orders') return this.create(body as { confirm: boolean });
      return this.step(this.find(path), path.split('/')[3] as Step);
    },
    patch: async (path) => this.step(this.find(path), 'edit'),
    delete: async () => this.answer(404, {}),
  };

  private create({ confirm }: { confirm: boolean }): ApiAnswer {
    const order = { id: `o${this.orders.length}`, status: confirm ? 'confirmed' : 'created', steps: [] };
    this.orders.push(order);
    return this.answer(201, order);
  }

  private step(order: Order, step: Step): ApiAnswer {
    this.beforeStep(order);
    if (!READY[step].includes(order.status)) return this.answer(409, { status: order.status });
    order.steps.push(step);
    order.status = LEADS_TO[step];
    return this.answer(200, order);
  }

  private moveOn(order: Order): Order {
    const seen = { ...order };
    order.status = MOVES_ON[order.status] ?? order.status;
    return seen;
  }

  private find(path: string): Order {
    return this.orders.find(({ id }) => id === path.split('/')[2])!;
  }

  private answer(status: number, body: object): ApiAnswer {
    return { status, body };
  }
}

describe('the desk of the traffic', () => {
  const start = () => {
    const shop = new Orders();
    const expectations = new Expectations();
    return { shop, expectations, desk: new OrderDesk(shop.api, expectations) };
  };

  it('does to every order what its plan says, and asks for nothing that cannot be', async () => {
    const { shop, expectations, desk } = start();
    for (const [at] of PLANS.entries()) await desk.create(`u${at}`);
    for (let turn = 0; turn < 50; turn++) await desk.advance();
    expect(shop.orders.map(({ steps }) => steps)).toEqual(PLANS.map(({ steps }) => steps));
    expect(expectations.problems).toEqual([]);
  });

  it('lets go of an order that came to nothing, also at the last moment', async () => {
    const { shop, expectations, desk } = start();
    await desk.create('u');
    shop.beforeStep = (order) => (order.status = 'cancelled');
    for (let turn = 0; turn < 5; turn++) await desk.advance();
    expect(shop.orders[0]?.steps).toEqual([]);
    expect(expectations.problems).toEqual([]);
  });

  it('tells of an answer that should not be', async () => {
    const { shop, expectations, desk } = start();
    await desk.create('u');
    shop.beforeStep = (order) => (order.status = 'created');
    for (let turn = 0; turn < 5; turn++) await desk.advance();
    expect(expectations.problems).toEqual([
      'sign of an order was answered 409, not 200: {"status":"created"}',
    ]);
  });

  it('leaves the orders of somebody who left alone', async () => {
    const { shop, desk } = start();
    await desk.create('u');
    desk.forget('u');
    for (let turn = 0; turn < 5; turn++) await desk.advance();
    expect(shop.orders[0]?.steps).toEqual([]);
  });
});
