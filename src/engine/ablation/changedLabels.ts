/** The labels that a text gets without something. */
import { ExplainError } from '../../errors';
import type { OutputChange } from '../../protocol/engine';
import { say } from '../../text/say';
import { MOST_TOLD, scoredLabels } from '../task/labelScores';
import type { ComputedExplanation } from '../text/computedExplanation';
import type { RunResult } from './gatedRuns';

/** True where what changes is the labels of the whole text. */
export const givesLabels = ({ answer }: ComputedExplanation): boolean => answer?.result?.type === 'labels';

/** @throws ExplainError MODEL_UNSUPPORTED where the result is none over these labels; NOT_FINITE */
export function changedLabels(
  { model: { head }, answer }: ComputedExplanation,
  { dims, data }: RunResult,
): Pick<OutputChange, 'labels' | 'tokens' | 'written' | 'sequence'> {
  const result = answer?.result;
  if (!head || result?.type !== 'labels' || dims.length !== 2 || data.length !== result.count)
    throw new ExplainError('MODEL_UNSUPPORTED', say('engine.noOutput'));
  return { sequence: 'source', tokens: [], written: [], labels: scoredLabels(data, head.config, MOST_TOLD) };
}
