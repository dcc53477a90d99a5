import { startNatsServer } from '@millrace/nats-server';
import { ApplicationRights, configInvalid, exploreOn, rightsOfApplication } from '@millrace/core';
import { LocalTask } from '../cli.js';
import { CommandGroup } from '../command-group.js';
import { Flags } from '../flags.js';
import { loadApplication } from './application.loader.js';
import { explanation, natsBlock, nscArguments, permissionsJson } from './permission.formats.js';

const FORMATS = ['nats', 'nsc'] as const;

export const permissionCommands: CommandGroup = (program, cli) => {
  cli.local(
    program
      .command('permissions')
      .argument('<file>', 'the built file that exports the root module, as in ./dist/app.module.js')
      .description('prints what an application has to be allowed, from what its code declares')
      .option('--export <name>', 'the root module, or a function that gives it', 'AppModule')
      .option('--connection <name>', 'which of its connections, where it has several')
      .option('--format <format>', `${FORMATS.join(' or ')}; --json for programs`, 'nats')
      .option('--bare', 'without comments')
      .option('--explain', 'what each part of the application is the reason for'),
    print,
  );
};

const print: LocalTask = async ({ output, flags }, [file = '']) => {
  const format = formatOf(flags);
  const rights = await explore(file, flags);
  if (output.isJson) output.json(permissionsJson(rights));
  else for (const line of linesOf(rights, format, flags)) output.line(line);
  return undefined;
};

const formatOf = (flags: Flags): (typeof FORMATS)[number] => {
  const text = flags.text('format');
  const format = FORMATS.find((name) => name === text);
  if (format) return format;
  throw configInvalid(`--format is '${text}'`, `Give ${FORMATS.join(' or ')}`);
};

const linesOf = (rights: ApplicationRights, format: (typeof FORMATS)[number], flags: Flags): string[] => {
  if (flags.isSet('explain')) {
    return explanation(rights).flatMap(({ thing, lines }) => [thing, ...lines.map((line) => `  ${line}`)]);
  }
  return format === 'nsc' ? nscArguments(rights) : natsBlock(rights, !flags.isSet('bare'));
};

/** Starts the application on a server of its own that is thrown away afterwards. */
const explore = async (file: string, flags: Flags): Promise<ApplicationRights> => {
  const server = await startNatsServer();
  try {
    exploreOn(server.url);
    const app = await loadApplication({ file, exported: flags.text('export') ?? '' });
    try {
      return rightsOfApplication(app, flags.text('connection'));
    } finally {
      await app.close();
    }
  } finally {
    await server.stop();
  }
};
