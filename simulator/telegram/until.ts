/** Waiting for something to become true, by events and not by time. */

/**
 * Resolves with what `probe` gives as soon as it is neither false nor undefined.
 * @param subscribe calls its listener at every change and returns what ends that
 * @param describe what is said of the world when the deadline passes
 */
export async function until<T>(
  probe: () => T | undefined | false,
  subscribe: (listener: () => void) => () => void,
  deadlineMs: number,
  describe: () => unknown,
): Promise<T> {
  const found = Promise.withResolvers<T>();
  const look = () => {
    try {
      const value = probe();
      if (value !== undefined && value !== false) found.resolve(value);
    } catch (error) {
      found.reject(error);
    }
  };
  const failure = new Error(`Not so within ${deadlineMs} ms: ${probe}`);
  const deadline = setTimeout(() => {
    failure.message += ` ${JSON.stringify(describe())}`;
    found.reject(failure);
  }, deadlineMs);
  const unsubscribe = subscribe(look);
  look();
  try {
    return await found.promise;
  } finally {
    clearTimeout(deadline);
    unsubscribe();
  }
}
