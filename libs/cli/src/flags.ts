import { configInvalid } from '@millrace/core';

/** What stands on the command line, as commander read it. Names are in camel case. */
export class Flags {
  constructor(private readonly values: Readonly<Record<string, unknown>>) {}

  text(name: string): string | undefined {
    const value = this.values[name];
    return typeof value === 'string' ? value : undefined;
  }

  isSet(name: string): boolean {
    return this.values[name] === true;
  }

  /** Whether `--no-<name>` stands there. */
  isRefused(name: string): boolean {
    return this.values[name] === false;
  }

  /** @throws MillraceError `CONFIG_INVALID` for anything but a whole number of at least 1. */
  count(name: string): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const value = Number(text);
    if (Number.isSafeInteger(value) && value >= 1) return value;
    throw configInvalid(`--${name} is '${text}'`, 'Give a whole number of at least 1');
  }
}
