#!/usr/bin/env node
import { runCli } from './cli/cli.runner.js';

// exit rather than exitCode: a download that a signal cut short would otherwise run on.
process.exit(await runCli(process.argv.slice(2), { out: process.stdout, err: process.stderr }));
