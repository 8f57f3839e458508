/** Reports of progress that come no more often than somebody can read them. */

/** The least time between two reports of progress, in milliseconds. */
const MOMENT = 100;

/** Passes values on, but none that comes within `MOMENT` after the one before. */
export function everyMoment<Value>(told: (value: Value) => void): (value: Value) => void {
  let last = -Infinity;
  return (value) => {
    const now = performance.now();
    if (now - last < MOMENT) return;
    last = now;
    told(value);
  };
}
