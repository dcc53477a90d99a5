/** Ends this process when the one that forked it lets go of it, or is gone by whatever cause. */
export const endWithParent = (): void => {
  process.once('disconnect', () => process.exit());
  // Gone while this process was still importing: that is not told again.
  if (!process.connected) process.exit();
};
