/** The stages inside one attention, whether it is taken apart or one operator. */
import type { Stage } from './stage';

export interface AttentionParts {
  /** After positions are rotated in, before the scale. */
  readonly query: Stage;
  /** With cached keys, after positions, before the scale; one a query head where the graph repeats them. */
  readonly key: Stage;
  /** What the probabilities weigh: with cached values, one a query head where the graph repeats them. */
  readonly value: Stage;
  /** Scaled, before anything that knows no text (masks, position biases) is added. */
  readonly scores: Stage;
  /** What the softmax is taken of. */
  readonly maskedScores: Stage;
  /** The probabilities as the values are weighed by them. */
  readonly weights: Stage;
  /** Each head's output before they are joined. */
  readonly headOutput: Stage;
}
