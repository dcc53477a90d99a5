import { systemCodeOf } from '../nats-server.error.js';

/** Whether a process of that id exists, a zombie or another user's included. */
export function isProcessAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCodeOf(error) === 'EPERM';
  }
}
