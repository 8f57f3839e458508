/** Whole numbers in messages. A file of its own, as pages have it too, which check no requests. */
import * as v from 'valibot';

export const index = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(0x7fff_ffff));
/** An index, or -1 for none or for all. */
export const indexOrNone = v.pipe(v.number(), v.integer(), v.minValue(-1), v.maxValue(0x7fff_ffff));
/** So many bytes, steps, tokens: of these there is no upper bound. */
export const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
