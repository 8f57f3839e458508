/** An output as that which is measured: what it is told from, and how its scores are read out of a run. */
import type { SequenceName, TokenRange } from '../../attention/types';
import type { ScoredFor } from '../../protocol/engine';
import type { TextSequences } from '../text/sequenceIds';
import type { RunResult } from './gatedRuns';

/** What is left out of the input, and what stands in its place. */
export interface LeftOut {
  readonly sequence: SequenceName;
  readonly ranges: readonly TokenRange[];
  readonly filler: number | null;
}

export interface OutputScores {
  readonly sequence: SequenceName;
  /** The tokens of the output that are measured; none of an answer about the whole text. */
  readonly outputs: readonly number[];
  /** The positions that it is predicted from. */
  readonly rows: readonly number[];
  /** What is measured in place of tokens: a label, an answer, how alike two texts are. */
  readonly label?: ScoredFor;
  /** Names of the file's outputs that it is told from, beside its result. */
  readonly also: readonly string[];
  /** A further text that it depends on, which is read by itself with the same heads. */
  readonly other?: TextSequences;
  /**
   * The scores by their place in the output; those that are left out themselves are missing.
   * @param other the further text's result, where there is one
   * @throws ExplainError MODEL_UNSUPPORTED where the result is not of the right shape; NOT_FINITE
   */
  of(result: RunResult, without?: LeftOut, other?: RunResult): ReadonlyMap<number, number>;
}
