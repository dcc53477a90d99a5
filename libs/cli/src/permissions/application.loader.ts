import { pathToFileURL } from 'node:url';
import { resolve } from 'node:path';
import { DynamicModule, INestApplicationContext, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { configInvalid, errorMessage } from '@millrace/core';

export interface ApplicationPlace {
  /** A file that Node can import. */
  file: string;
  /** What it exports: a root module, or a function that gives one. */
  exported: string;
}

type RootModule = Type<unknown> | DynamicModule;

type RootFactory = () => unknown;

const MODULE_METADATA = ['imports', 'providers', 'controllers', 'exports'];

/** Wires and initialises an application that lies in a file. @throws MillraceError `CONFIG_INVALID` */
export const loadApplication = async (place: ApplicationPlace): Promise<INestApplicationContext> => {
  const root = await rootOf(place);
  return NestFactory.createApplicationContext(root, { logger: false, abortOnError: false });
};

const rootOf = async ({ file, exported }: ApplicationPlace): Promise<RootModule> => {
  const found = Reflect.get(await load(file), exported) as unknown;
  if (isModuleClass(found)) return found;
  const root: unknown = typeof found === 'function' ? await (found as RootFactory)() : found;
  if (isModuleClass(root) || isDynamicModule(root)) return root;
  throw configInvalid(
    `'${exported}' of ${file} is no root module`,
    'Name with --export a class under @Module, or a function that gives one or a dynamic module',
  );
};

const load = async (file: string): Promise<object> => {
  try {
    return (await import(pathToFileURL(resolve(file)).href)) as object;
  } catch (error) {
    throw configInvalid(
      `${file} cannot be imported: ${errorMessage(error)}`,
      'Give the built file that exports the root module, and the environment that it needs',
    );
  }
};

const isModuleClass = (value: unknown): value is Type<unknown> =>
  typeof value === 'function' && MODULE_METADATA.some((key) => Reflect.hasMetadata(key, value));

const isDynamicModule = (value: unknown): value is DynamicModule =>
  typeof value === 'object' && value !== null && 'module' in value;
