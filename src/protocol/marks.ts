/**
 * Moments of a first use, as performance marks: `npm run bench -- pixel` reads them to see where the time goes. A few
 * dozen a model, no text in them; nobody needs them to work.
 */
const PREFIX = 'explainAttention.';

/** When something was there. */
export interface Moment {
  readonly name: string;
  /** Milliseconds since 1970, with a fraction: threads count from different beginnings. */
  readonly time: number;
}

/** Marks now, or a moment that another thread has told of. The first of a name counts: later uses are not first ones. */
export function mark(name: string, time?: number): void {
  const whole = `${PREFIX}${name}`;
  if (performance.getEntriesByName(whole, 'mark').length > 0) return;
  performance.mark(whole, time === undefined ? {} : { startTime: Math.max(0, time - performance.timeOrigin) });
}

/** What was marked in this thread, in order; it is forgotten here. */
export function takeMarks(): readonly Moment[] {
  const own = performance.getEntriesByType('mark').filter(({ name }) => name.startsWith(PREFIX));
  for (const { name } of own) performance.clearMarks(name);
  return own.map(({ name, startTime }) => ({
    name: name.slice(PREFIX.length),
    time: performance.timeOrigin + startTime,
  }));
}
