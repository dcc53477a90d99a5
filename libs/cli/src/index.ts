export { runCli } from './cli.runner.js';
export { type CliPorts } from './cli.js';
export { ExitCode } from './exit-code.js';
export { type Interruption } from './interruption.js';
