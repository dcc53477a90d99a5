import { arch, cpus, loadavg, platform, totalmem } from 'node:os';
import { resolveNatsServer } from '@millrace/nats-server';

/** Where the figures are from, in one line: without it they say nothing. */
export const machine = async (): Promise<string> => {
  const { version } = await resolveNatsServer();
  const cores = cpus();
  const [load = 0] = loadavg();
  const memory = Math.round(totalmem() / 1024 ** 3);
  return `Node ${process.version}, nats-server ${version}, ${cores.length} cores (${cores[0]?.model.trim() ?? 'unknown'}), ${memory} GiB, ${platform()} ${arch()}, load average ${load.toFixed(1)}`;
};
