/** Which source words each written word was made from, read off cross-attention. */
import * as v from 'valibot';
import { ALIGNMENT_READINGS, ALIGNMENT_SOURCES } from '../../attention/types';
import { count, floats, record } from './answerParts';

/** Which source words each written word was made from. */
export const textAlignment = record({
  source: v.picklist(ALIGNMENT_SOURCES),
  layer: count,
  head: count,
  reading: v.picklist(ALIGNMENT_READINGS),
  /** Words of each text; which they are is told from its tokens (`measure/alignment/alignedWords.ts`). */
  sourceWords: count,
  targetWords: count,
  /** Target words that have a row; the last one has none where it was written last and has not been fed yet. */
  readWords: count,
  /** [target words][source words]: a row is a word's shares of what may be linked; zeros where nothing may. */
  data: floats,
});
export type TextAlignment = v.InferOutput<typeof textAlignment>;
