// Lets the program's own promises run until something is so; no clock is waited for.

/** Rejects when a thousand turns did not bring it about. */
export async function until(isSo: () => boolean): Promise<void> {
  for (let turn = 0; turn < 1000; turn += 1) {
    if (isSo()) return;
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
  throw new Error('it did not come to that');
}
