/** A computation that pauses between its parts, so that who runs it can let others in. */
export type Steps<T> = Generator<undefined, T, undefined>;

/** Runs one to its end without a pause. */
export function atOnce<T>(steps: Steps<T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
  }
}
