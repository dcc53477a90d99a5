import { Gate } from '@millrace/delivery';
import { Priority, PRIORITIES } from './task.queue.js';

/** The places of a handler, shared by its tasks of all priorities: a free place goes to the highest that waits. */
export class PriorityPlaces {
  private taken = 0;
  private readonly listeners = new Map<Priority, () => void>();

  constructor(private readonly places: number) {}

  /** The gate that the tasks of one priority go through. */
  gate(priority: Priority): Gate {
    let running = 0;
    const hasRoom = (): boolean => this.taken < this.places || running > 0;
    return {
      admit: (wanted) => Math.min(wanted, this.places - this.taken),
      // Where the others have every place, what is pulled would only wait here while another replica may be idle.
      get waitingLimit() {
        return hasRoom() ? Infinity : 1;
      },
      begun: () => {
        running++;
        this.taken++;
      },
      ended: () => {
        running--;
        this.taken--;
        this.tell();
      },
      watch: (listener) => {
        this.listeners.set(priority, listener);
        return () => this.listeners.delete(priority);
      },
      stop: () => undefined,
    };
  }

  // Whoever is told first takes the place.
  private tell(): void {
    for (const priority of PRIORITIES) this.listeners.get(priority)?.();
  }
}
