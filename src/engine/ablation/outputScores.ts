/**
 * How well a model predicts an output: what leaving out and switching off change. Of tokens it is the log probability of each, of
 * a label the log probability of it, of a regression the number itself.
 */
import type { SequenceName, TokenRange } from '../../attention/types';
import { ExplainError } from '../../errors';
import type { LabelsResult, LeaveOutRequest, ScoredFor, TokenLabelsResult } from '../../protocol/engine';
import { say } from '../../text/say';
import { logProbabilityOf } from '../../transformer/probabilities';
import type { ComputedExplanation } from '../text/computedExplanation';
import { asTextLogits, logitsRow, type RunResult } from './gatedRuns';
import { outputPlaces, type ModelOutput } from './outputPlaces';
import { rowWithout } from './shortenedInput';

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
  /** The label that is measured, where it is one. */
  readonly label?: ScoredFor;
  /**
   * The scores by their place in the output; those that are left out themselves are missing.
   * @throws ExplainError MODEL_UNSUPPORTED where the result is not of the right shape; NOT_FINITE
   */
  of(result: RunResult, without?: LeftOut): ReadonlyMap<number, number>;
}

/**
 * The scores of a text's output, of some of its tokens, or of one label.
 * @throws ExplainError INVALID_REQUEST where there is no such output
 */
export function outputScores(
  explanation: ComputedExplanation,
  { outputs, label }: Pick<LeaveOutRequest, 'outputs' | 'label'>,
): OutputScores {
  const { model, outputText, answer } = explanation;
  if (!model.head) return scoresAt(outputPlaces(outputText), model.report.vocabularySize, outputs);
  const result = answer?.result;
  switch (result?.type) {
    case 'labels':
      return scoresOfLabel(result, label);
    case 'token-labels':
      return scoresAt(placesOf(result), result.count, outputs);
    case 'span':
    case 'similarity':
    case undefined:
      throw new ExplainError('INVALID_REQUEST', say('engine.noOutput'));
  }
}

/** Each token with the label that the model gives it. */
const placesOf = ({ tokens }: TokenLabelsResult): ModelOutput => ({
  sequence: 'source',
  places: tokens.flatMap(({ index, top: [best] }) => (best ? [{ index, id: best.id, row: index }] : [])),
});

function scoresAt(output: ModelOutput, least: number, chosen: readonly number[] | undefined): OutputScores {
  const { sequence } = output;
  const places = chosen ? output.places.filter(({ index }) => chosen.includes(index)) : output.places;
  if (places.length === 0) throw new ExplainError('INVALID_REQUEST', say('engine.noOutput'));
  return {
    sequence,
    outputs: places.map(({ index }) => index),
    rows: places.map(({ row }) => row),
    of(result, without) {
      const logits = asTextLogits(result, least);
      const moves = without?.sequence === sequence ? without : undefined;
      const found = new Map<number, number>();
      for (const [at, place] of places.entries()) {
        const row = moves ? rowWithout(place, moves.ranges, moves.filler) : place.row;
        if (row !== null) found.set(at, logProbabilityOf(logitsRow(logits, row), place.id));
      }
      return found;
    },
  };
}

/** log(1 / (1 + exp(−logit))), for logits of any size. */
const logSigmoid = (logit: number): number => Math.min(0, logit) - Math.log1p(Math.exp(-Math.abs(logit)));

function scoresOfLabel({ labels, meaning, count, from }: LabelsResult, id: number | undefined): OutputScores {
  const label = labels.find((one) => id === undefined || one.id === id);
  if (!label) throw new ExplainError('INVALID_REQUEST', say('engine.noOutput'));
  return {
    sequence: 'source',
    outputs: [],
    rows: from,
    label: { id: label.id, label: label.label, meaning },
    of({ data, dims }) {
      const logit = data[label.id];
      if (dims.length !== 2 || data.length !== count || logit === undefined)
        throw new ExplainError('MODEL_UNSUPPORTED', say('engine.noOutput'));
      const score = {
        single: () => logProbabilityOf(data, label.id),
        multi: () => logSigmoid(logit),
        score: () => logSigmoid(logit),
        regression: () => logit,
      }[meaning]();
      return new Map([[0, score]]);
    },
  };
}
