import * as fc from 'fast-check';
import { type Arbitrary } from 'fast-check';

/** As much of a schema of OpenAPI 3.0 as says what a value looks like. */
export interface Schema {
  $ref?: string;
  allOf?: Schema[];
  oneOf?: Schema[];
  anyOf?: Schema[];
  type?: string;
  format?: string;
  enum?: unknown[];
  example?: unknown;
  items?: Schema;
  properties?: Record<string, Schema>;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
}

interface Parameter {
  name: string;
  in: string;
  schema?: Schema;
}

export interface Operation {
  parameters?: Parameter[];
  requestBody?: { content?: Record<string, { schema?: Schema }> };
  responses: Record<string, unknown>;
  security?: object[];
}

export interface OpenApi {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components?: { schemas?: Record<string, Schema> };
}

/** One operation of an API. */
export interface Route {
  method: string;
  /** As in `/orders/{id}`. */
  path: string;
  parameters: readonly Parameter[];
  body: Schema | undefined;
  operation: Operation;
}

const METHODS = ['get', 'put', 'post', 'delete', 'patch', 'head', 'options', 'trace'];

export const routesOf = ({ paths }: OpenApi): Route[] =>
  Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations)
      .filter(([method]) => METHODS.includes(method))
      .map(([method, operation]) => ({
        method: method.toUpperCase(),
        path,
        parameters: operation.parameters ?? [],
        body: operation.requestBody?.content?.['application/json']?.schema,
        operation,
      })),
  );

const DATE = { min: new Date('2020-01-01'), max: new Date('2040-01-01'), noInvalidDate: true };
const MAX_DEPTH = 6;

/** Values that fit a schema, more or less: what it leaves unsaid may still make them wrong. */
export const valueOf = (schema: Schema | undefined, { components }: OpenApi): Arbitrary<unknown> => {
  const read = (given: Schema | undefined, depth: number): Arbitrary<unknown> => {
    if (given === undefined || depth > MAX_DEPTH) return fc.constant({});
    if (given.$ref !== undefined) {
      return read(components?.schemas?.[given.$ref.split('/').at(-1) ?? ''], depth + 1);
    }
    if (given.example !== undefined) {
      return fc.oneof({ weight: 3, arbitrary: fc.constant(given.example) }, ofType(given, depth));
    }
    if (given.enum) return fc.constantFrom(...given.enum);
    if (given.allOf) return fc.tuple(...given.allOf.map((part) => read(part, depth + 1))).map(merge);
    const choice = given.oneOf ?? given.anyOf;
    return choice ? fc.oneof(...choice.map((part) => read(part, depth + 1))) : ofType(given, depth);
  };
  const ofType = (given: Schema, depth: number): Arbitrary<unknown> => {
    switch (given.type) {
      case 'string':
        return given.format === 'date-time' ? fc.date(DATE).map((date) => date.toISOString()) : textOf(given);
      case 'integer':
      case 'number':
        return fc.integer({ min: given.minimum ?? 0, max: given.maximum ?? 1000 });
      case 'boolean':
        return fc.boolean();
      case 'array':
        return fc.array(read(given.items, depth + 1), { minLength: 1, maxLength: 3 });
      case undefined:
      default:
        return fc.record(
          Object.fromEntries(
            Object.entries(given.properties ?? {}).map(([name, property]) => [
              name,
              read(property, depth + 1),
            ]),
          ),
        );
    }
  };
  return read(schema, 0);
};

const textOf = ({ minLength = 1, maxLength = 20 }: Schema): Arbitrary<string> =>
  fc.string({ minLength, maxLength: Math.max(minLength, Math.min(maxLength, 40)) });

const merge = (parts: unknown[]): unknown => Object.assign({}, ...parts) as unknown;
