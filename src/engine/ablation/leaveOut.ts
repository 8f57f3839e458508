/**
 * What each piece of the input is worth to an output (leave-one-out; Li et al. 2016, arXiv 1612.08220): the output's mean log
 * probability without the piece, everything else as it stands, one piece after another.
 */
import { contentOf } from '../../attention/content';
import { inputSequence } from '../../attention/sequences';
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
import { outputPlaces, type OutputPlace } from './outputPlaces';

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
  const { family, kinds } = model.report;
  const output = outputPlaces(outputText);
  const places = outputs ? output.places.filter(({ index }) => outputs.includes(index)) : output.places;
  if (places.length === 0) throw new ExplainError('INVALID_REQUEST', say('engine.noOutput'));
  const sequence = inputSequence(family);
  const end = sequence === 'target' ? outputText.given : sequences.source.length;
  if (ranges.length === 0 || ranges.some(({ from, to }) => from < 0 || from >= to || to > end))
    throw new ExplainError('INVALID_REQUEST', say('engine.leaveOutNoPiece'));
  const filler = manner === 'replaced' ? fillerOf(explanation) : null;
  const gates = gatesWithout(kinds, []);
  /** Log probabilities of the places that are still there, by their place among `places`. */
  const scores = async (range: TokenRange | null): Promise<ReadonlyMap<number, number>> => {
    const ids = range ? without(sequences[sequence], range, filler) : sequences[sequence];
    const runs = new GatedRuns(model, graphs, { ...sequences, [sequence]: ids });
    try {
      const logits = await runs.logits(gates);
      const found = new Map<number, number>();
      for (const [at, place] of places.entries()) {
        const row = rowOf(place, output.sequence === sequence ? range : null, filler !== null);
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
    if (filler === null && !isAnythingLeft(input, range)) gaps.add(say('engine.nothingLeft'));
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

/** The token that stands in place of what is left out. @throws ExplainError INVALID_REQUEST */
function fillerOf({ model }: ComputedExplanation): number {
  const mask = model.report.fillsMasks ? model.tokenizer.maskToken?.id : undefined;
  const filler = mask ?? model.spec.pad;
  if (filler < 0) throw new ExplainError('INVALID_REQUEST', say('engine.noFiller'));
  return filler;
}

const without = (ids: readonly number[], { from, to }: TokenRange, filler: number | null): readonly number[] => [
  ...ids.slice(0, from),
  ...(filler === null ? [] : ids.slice(from, to).map(() => filler)),
  ...ids.slice(to),
];

/** False where only special tokens would be left. */
const isAnythingLeft = (tokens: readonly { readonly special: boolean }[], { from, to }: TokenRange): boolean =>
  tokens.some(({ special }, at) => !special && (at < from || at >= to));

/** The position whose logits predict a place once a range of the same sequence is left out; null where the place itself is left out. */
function rowOf({ index, row }: OutputPlace, range: TokenRange | null, isReplaced: boolean): number | null {
  if (!range || index < range.from) return row;
  if (index < range.to) return null;
  if (isReplaced) return row;
  const moved = row - (range.to - range.from);
  return moved < 0 ? null : moved;
}
