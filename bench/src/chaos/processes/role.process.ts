import { ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, closeSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { RoleCommand, RoleSettings } from '../roles/role.settings.js';

const MAIN = fileURLToPath(new URL('../roles/role.main.js', import.meta.url));

export interface ProcessExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** One life of a role. It ends at the latest when the drill does. */
export class RoleProcess {
  readonly exited: Promise<ProcessExit>;
  /** Resolves to whether it became ready before it ended. */
  readonly ready: Promise<boolean>;
  private readonly child: ChildProcess;
  private exit: ProcessExit | undefined;

  constructor(settings: RoleSettings, logFile: string) {
    const log = openSync(logFile, 'a');
    this.child = spawn(process.execPath, [MAIN, JSON.stringify(settings)], {
      // A session of its own: Ctrl-C in the terminal reaches the drill only.
      detached: true,
      stdio: ['ignore', log, log, 'ipc'],
    });
    closeSync(log);
    this.exited = new Promise((resolve) => {
      const finish = (exit: ProcessExit): void => resolve((this.exit ??= exit));
      this.child.once('error', () => finish({ code: null, signal: null }));
      this.child.once('exit', (code, signal) => finish({ code, signal }));
    });
    this.ready = Promise.race([
      once(this.child, 'message').then(() => true),
      this.exited.then(() => false),
    ]).catch(() => false);
  }

  get running(): boolean {
    return this.exit === undefined;
  }

  signal(signal: NodeJS.Signals): void {
    if (this.running) this.child.kill(signal);
  }

  /**
   * Stops it for that long. Another process lets it go on, so that it does not stand still for ever when the drill is
   * killed meanwhile.
   */
  async pause(forMs: number): Promise<void> {
    const { pid } = this.child;
    if (!this.running || pid === undefined) return;
    const seconds = (forMs / 1000).toFixed(3);
    const thaw = spawn('/bin/sh', ['-c', `kill -STOP ${pid}; sleep ${seconds}; kill -CONT ${pid}`], {
      detached: true,
      stdio: 'ignore',
    });
    await once(thaw, 'exit');
  }

  say(command: RoleCommand): void {
    if (this.running && this.child.connected) this.child.send(command, () => undefined);
  }

  /** SIGTERM, and after `boundMs` SIGKILL. */
  async stop(boundMs: number): Promise<ProcessExit> {
    this.signal('SIGTERM');
    const timer = setTimeout(() => this.signal('SIGKILL'), boundMs);
    const exit = await this.exited;
    clearTimeout(timer);
    return exit;
  }
}
