/** Waits for a promise no longer than a signal allows. */

/**
 * What `action` resolves to; rejects with the signal's reason as soon as it is aborted, whatever becomes of `action`,
 * which goes on by itself: only what is harmless when nobody looks at it any more may be waited for like this.
 */
export async function untilAborted<T>(action: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return action;
  // Its failure after the abort is nobody's any more, and is not to be reported as unhandled.
  action.catch(() => undefined);
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const onAbort = (): void => aborted.reject(signal.reason as Error);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([action, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
