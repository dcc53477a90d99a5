import { Command } from 'commander';
import { Cli } from './cli.js';

/** A group of commands, as `millrace dead-letters …`: adds itself to the program. One folder each. */
export type CommandGroup = (program: Command, cli: Cli) => void;
