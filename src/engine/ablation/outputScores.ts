/**
 * How well a model predicts an output: what leaving out and switching off change. Of tokens it is the log probability of each, of
 * a label or an answer the log probability of it, of a regression the number itself, of two texts how alike they are.
 */
import { ExplainError } from '../../errors';
import type { LeaveOutRequest, TokenLabelsResult } from '../../protocol/engine';
import { say } from '../../text/say';
import { logProbabilityOf } from '../../transformer/probabilities';
import type { ComputedExplanation } from '../text/computedExplanation';
import { asTextLogits, logitsRow } from './gatedRuns';
import { outputPlaces, type ModelOutput } from './outputPlaces';
import type { OutputScores } from './scoredOutput';
import { rowWithout } from './shortenedInput';
import { scoresOfLabel, scoresOfSimilarity, scoresOfSpan } from './taskScores';

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
      return scoresOfSpan(explanation, model.head, result);
    case 'similarity':
      return scoresOfSimilarity(explanation, model.head, result);
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
    also: [],
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
