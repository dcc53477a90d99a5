import * as fc from 'fast-check';
import { faultOf, send, type Sent } from './http.sender.js';
import { type OpenApi, type Route, routesOf } from './openapi.js';
import { requestOf, systematicRequests } from './request.arbitrary.js';
import { FUZZ } from './settings.js';

/** An app's API, as it describes it itself. */
export interface Target {
  app: string;
  url: string;
  api: OpenApi;
  /** Of things that there are. */
  ids: readonly string[];
}

export interface Findings {
  sent: number;
  /** How to make the app fail, for each route that did. */
  faults: string[];
}

/** Routes that are fuzzed at a time: the apps are to have something to do while requests are made up. */
const LANES = 4;
const SHOWN = 500;

/** Sends the whole of an API requests that nobody should send. What takes things away comes last. */
export const fuzzApi = async (target: Target): Promise<Findings> => {
  const routes = routesOf(target.api).sort((a, b) => Number(takesAway(a)) - Number(takesAway(b)));
  const timeMs = (FUZZ.seconds * 1000 * LANES) / routes.length;
  const findings: Findings = { sent: 0, faults: [] };
  const lane = async (): Promise<void> => {
    for (let route = routes.shift(); route; route = routes.shift()) {
      const fault = await fuzzRoute(target, route, { timeMs, onSend: () => findings.sent++ });
      if (fault !== undefined) findings.faults.push(fault);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return findings;
};

const takesAway = ({ method, path }: Route): boolean => method === 'DELETE' || /cancel|clear|pop/.test(path);

const fuzzRoute = async (
  { app, url, api, ids }: Target,
  route: Route,
  { timeMs, onSend }: { timeMs: number; onSend: () => void },
): Promise<string | undefined> => {
  const attempt = async (request: Sent): Promise<void> => {
    onSend();
    const answer = await send(url, request);
    const fault = faultOf(answer);
    if (fault !== undefined) throw new Error(`${fault}: ${answer.text.slice(0, SHOWN)}`);
  };
  const examples = systematicRequests(route, api, ids).map((request): [Sent] => [request]);
  const { counterexample, errorInstance } = await fc.check(
    fc.asyncProperty(requestOf(route, api, ids), attempt),
    {
      seed: FUZZ.seed,
      examples,
      numRuns: examples.length + FUZZ.runs,
      interruptAfterTimeLimit: timeMs,
    },
  );
  return counterexample === null ? undefined : `${app}: ${told(counterexample[0])}\n${String(errorInstance)}`;
};

const told = ({ method, path, headers, body }: Sent): string =>
  [`${method} ${path}`, JSON.stringify(headers), body?.toString('utf8') ?? '']
    .map((part) => part.slice(0, SHOWN))
    .join('\n');
