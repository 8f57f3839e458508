/**
 * An output beside what it is without a part of the input. Each token's change of log probability, from two passes, is what
 * the literature calls its reliance on that context: the pointwise conditional cross-mutual information (P-CXMI) of
 * Fernandes et al. 2021 (arXiv 2105.03482), log p(token | whole input) − log p(token | input without the context).
 */
import { contentOf } from '../../attention/content';
import { ExplainError } from '../../errors';
import type { InputWithoutReport, InputWithoutRequest } from '../../protocol/engine';
import { say } from '../../text/say';
import { logProbabilityOf } from '../../transformer/probabilities';
import { nextTask } from '../macrotask';
import type { ProbedGraph } from '../probes/probeSessions';
import type { ComputedExplanation } from '../text/computedExplanation';
import { tokenChanges, writtenAgain } from './changedOutput';
import { changedAnswer, givesAnswer } from './changedAnswer';
import { GatedRuns, logitsRow } from './gatedRuns';
import { gatesWithout } from './gates';
import { outputPlaces } from './outputPlaces';
import { checkedRanges, fillerFor, isAnythingLeft } from '../text/leftOutPieces';
import { idsWithout, inputPart, rowWithout, sequencesWithout } from './shortenedInput';

export type InputWithoutWanted = Pick<InputWithoutRequest, 'ranges' | 'manner' | 'decoding'>;

/**
 * Runs the output's text again after an input without `ranges`, and writes it anew.
 * @throws ExplainError INVALID_REQUEST where there is no output, no such range, nothing would be left, or nothing can stand in its place; AbortError
 */
export async function inputWithout(
  explanation: ComputedExplanation,
  graphs: readonly ProbedGraph[],
  wanted: InputWithoutWanted,
  signal: AbortSignal | undefined,
): Promise<InputWithoutReport> {
  const { model, tokens, sequences, outputText } = explanation;
  const part = inputPart(explanation);
  const { sequence, end } = part;
  const ranges = checkedRanges(wanted.ranges, part);
  const filler = fillerFor(explanation, wanted.manner);
  if (filler === null && !isAnythingLeft(tokens[sequence].slice(0, end), ranges))
    throw new ExplainError('INVALID_REQUEST', say('engine.leavesNothing'));
  const gates = gatesWithout(model.report.kinds, []);
  const less = new GatedRuns(model, graphs, sequencesWithout(sequences, sequence, ranges, filler));
  const about = { of: contentOf(tokens.source, tokens.target), ranges, manner: wanted.manner };
  if (givesAnswer(explanation)) {
    try {
      const without = { sequence, ranges, filler };
      return { ...about, ...(await changedAnswer(explanation, graphs, less, gates, without)) };
    } finally {
      less.dispose();
    }
  }
  const output = outputPlaces(outputText);
  const isSame = output.sequence === sequence;
  const places = output.places.flatMap((place) => {
    const changedRow = isSame ? rowWithout(place, ranges, filler) : place.row;
    return changedRow === null ? [] : [{ ...place, changedRow }];
  });
  if (places.length === 0) throw new ExplainError('INVALID_REQUEST', say('engine.leavesNothing'));
  const whole = new GatedRuns(model, graphs, sequences);
  try {
    const plain = await whole.logits(gates);
    const before = places.map(({ id, row }) => logProbabilityOf(logitsRow(plain, row), id));
    await nextTask();
    signal?.throwIfAborted();
    const changed = tokenChanges(explanation, places, before, await less.logits(gates));
    const given = sequences.target.slice(0, outputText.given);
    return {
      ...about,
      sequence: output.sequence,
      tokens: changed,
      written: await writtenAgain(
        explanation,
        less,
        gates,
        sequence === 'target' ? idsWithout(given, ranges, filler) : given,
        wanted.decoding,
        signal,
      ),
    };
  } finally {
    whole.dispose();
    less.dispose();
  }
}
