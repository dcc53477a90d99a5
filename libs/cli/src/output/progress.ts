import progress from 'cli-progress';

/** How far a command has come. */
export interface Progress {
  step(): void;
  /** Leaves the bar as it is, and the cursor below it. */
  stop(): void;
}

export const silentProgress: Progress = { step: () => undefined, stop: () => undefined };

/** A bar on `stream`, with the time that is left. */
export const barFor = (stream: NodeJS.WritableStream, total: number): Progress => {
  const bar = new progress.SingleBar(
    {
      stream,
      format: '{bar} {value}/{total} · {eta_formatted} left',
      hideCursor: true,
      // The command has its own way to end on Ctrl-C.
      gracefulExit: false,
      barsize: 30,
    },
    progress.Presets.shades_classic,
  );
  bar.start(total, 0);
  return { step: () => bar.increment(), stop: () => bar.stop() };
};
