/**
 * What each piece of the input is worth to an output (leave-one-out; Li et al. 2016, arXiv 1612.08220): the output's mean log
 * probability without the piece, everything else as it stands, one piece after another.
 */
import { contentOf } from '../../attention/content';
import type { TokenRange } from '../../attention/types';
import { ExplainError } from '../../errors';
import type { LeaveOutRequest, LeftOutCosts } from '../../protocol/engine';
import { say } from '../../text/say';
import { logProbabilityOf } from '../../transformer/probabilities';
import type { ComputedExplanation } from '../text/computedExplanation';
import { nextTask } from '../macrotask';
import type { ProbedGraph } from '../probes/probeSessions';
import { agreementOf } from './agreement';
import { gatesWithout, GatedRuns, logitsRow } from './gatedRuns';
import { outputPlaces } from './outputPlaces';
import { checkedRanges, fillerFor, idsWithout, inputPart, isAnythingLeft, rowWithout } from './shortenedInput';

export type LeaveOutWanted = Pick<LeaveOutRequest, 'ranges' | 'manner' | 'outputs'>;

/**
 * Leaves each of `ranges` out of the input in turn, and measures the output's log probability without it.
 * @param told what is known so far, after each piece
 * @returns costs in nats a token, positive where the output becomes less likely without the piece
 * @throws ExplainError INVALID_REQUEST where there is no output, no such piece, or nothing to put in its place; AbortError
 */
export async function leaveOut(
  explanation: ComputedExplanation,
  graphs: readonly ProbedGraph[],
  { ranges, manner, outputs }: LeaveOutWanted,
  told: (sofar: LeftOutCosts) => void,
  signal: AbortSignal | undefined,
): Promise<LeftOutCosts> {
  const { model, tokens, sequences, outputText } = explanation;
  const { kinds } = model.report;
  const output = outputPlaces(outputText);
  const places = outputs ? output.places.filter(({ index }) => outputs.includes(index)) : output.places;
  if (places.length === 0) throw new ExplainError('INVALID_REQUEST', say('engine.noOutput'));
  const part = inputPart(explanation);
  const { sequence, end } = part;
  checkedRanges(ranges, part);
  const filler = fillerFor(explanation, manner);
  const gates = gatesWithout(kinds, []);
  /** Log probabilities of the places that are still there, by their place among `places`. */
  const scores = async (range: TokenRange | null): Promise<ReadonlyMap<number, number>> => {
    const ids = range ? idsWithout(sequences[sequence], [range], filler) : sequences[sequence];
    const runs = new GatedRuns(model, graphs, { ...sequences, [sequence]: ids });
    try {
      const logits = await runs.logits(gates);
      const found = new Map<number, number>();
      for (const [at, place] of places.entries()) {
        const row = range && output.sequence === sequence ? rowWithout(place, [range], filler) : place.row;
        if (row !== null) found.set(at, logProbabilityOf(logitsRow(logits, row), place.id));
      }
      return found;
    } finally {
      runs.dispose();
    }
  };
  const before = await scores(null);
  const plain = [...before.values()].reduce((sum, value) => sum + value, 0) / before.size;
  const costs = new Float32Array(ranges.length).fill(NaN);
  const gaps = new Set<string>();
  const input = tokens[sequence].slice(0, end);
  const about = {
    of: contentOf(tokens.source, tokens.target),
    sequence,
    ranges,
    manner,
    outputSequence: output.sequence,
    outputs: places.map(({ index }) => index),
    plain,
  };
  const sofar = (done: number, whole: boolean): LeftOutCosts => ({
    ...about,
    costs: costs.slice(),
    done,
    gaps: [...gaps],
    agreement: whole ? agreementOf(explanation, places, ranges, costs) : null,
  });
  for (const [at, range] of ranges.entries()) {
    if (filler === null && !isAnythingLeft(input, [range])) gaps.add(say('engine.nothingLeft'));
    else {
      const after = await scores(range);
      let sum = 0;
      for (const [place, value] of after) sum += (before.get(place) ?? NaN) - value;
      costs[at] = after.size === 0 ? NaN : sum / after.size;
    }
    told(sofar(at + 1, false));
    await nextTask();
    signal?.throwIfAborted();
  }
  return sofar(ranges.length, true);
}
