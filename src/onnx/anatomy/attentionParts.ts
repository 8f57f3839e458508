/** The stages inside one attention, whether it is taken apart or one operator. */
import type { Stage } from './stage';

export interface AttentionParts {
  /** After positions are rotated in, before the scale. */
  readonly query: Stage;
  /**
   * Cached keys included, after positions are rotated in, before the scale. Where the graph repeats grouped keys for each
   * query head, these are the repeated ones.
   */
  readonly key: Stage;
  /** What the probabilities weigh: cached values included, and repeated for each query head where the graph does that. */
  readonly value: Stage;
  /** Scaled products of queries and keys, before masks or position biases are added, which are the same for every text. */
  readonly scores: Stage;
  /** What the softmax is taken of. */
  readonly maskedScores: Stage;
  /** The probabilities in the form in which they are multiplied with the values. */
  readonly weights: Stage;
  /** Each head's output before they are joined. */
  readonly headOutput: Stage;
}
