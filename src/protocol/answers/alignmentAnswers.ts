/** Which source words each written word was made from, read off cross-attention. */
import type * as v from 'valibot';
import { floats, record } from './answerParts';
import { alignmentEntries } from '../requests/requestParts';
import { count } from '../requests/wholeNumbers';

/** Which source words each written word was made from. */
export const textAlignment = record({
  ...alignmentEntries,
  /** Words of each text; which they are is told from its tokens (`measure/alignment/alignedWords.ts`). */
  sourceWords: count,
  targetWords: count,
  /** Target words that have a row; the last one has none where it was written last and has not been fed yet. */
  readWords: count,
  /** [target words][source words]: a row is a word's shares of what may be linked; zeros where nothing may. */
  data: floats,
});
export type TextAlignment = v.InferOutput<typeof textAlignment>;
