/** Which source words each written word was made from, read off cross-attention. */
import type { AlignmentChoice } from '../../attention/types';

/** Which source words each written word was made from. */
export interface TextAlignment extends AlignmentChoice {
  /** Words of each text; which they are is told from its tokens (`measure/alignment/alignedWords.ts`). */
  readonly sourceWords: number;
  readonly targetWords: number;
  /** Target words that have a row; the last one has none where it was written last and has not been fed yet. */
  readonly readWords: number;
  /** [target words][source words]: a row is a word's shares of what may be linked; zeros where nothing may. */
  readonly data: Float32Array;
}
