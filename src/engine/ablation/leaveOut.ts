/**
 * What each piece of the input is worth to an output (leave-one-out; Li et al. 2016, arXiv 1612.08220): the output's mean log
 * probability without the piece, everything else as it stands, one piece after another. The output may be a label of the text.
 */
import { contentOf } from '../../attention/content';
import type { TokenRange } from '../../attention/types';
import type { LeaveOutRequest, LeftOutCosts } from '../../protocol/engine';
import { say } from '../../text/say';
import type { ComputedExplanation } from '../text/computedExplanation';
import { nextTask } from '../macrotask';
import type { ProbedGraph } from '../probes/probeSessions';
import { agreementOf } from './agreement';
import { gatesWithout, GatedRuns } from './gatedRuns';
import { outputScores } from './outputScores';
import { checkedRanges, fillerFor, inputPart, isAnythingLeft, sequencesWithout } from './shortenedInput';

export type LeaveOutWanted = Pick<LeaveOutRequest, 'ranges' | 'manner' | 'outputs' | 'label'>;

/**
 * Leaves each of `ranges` out of the input in turn, and measures the output's log probability without it.
 * @param told what is known so far, after each piece
 * @returns costs in nats a token, positive where the output becomes less likely without the piece
 * @throws ExplainError INVALID_REQUEST where there is no output, no such piece, or nothing to put in its place; AbortError
 */
export async function leaveOut(
  explanation: ComputedExplanation,
  graphs: readonly ProbedGraph[],
  { ranges, manner, outputs, label }: LeaveOutWanted,
  told: (sofar: LeftOutCosts) => void,
  signal: AbortSignal | undefined,
): Promise<LeftOutCosts> {
  const { model, tokens, sequences } = explanation;
  const { kinds } = model.report;
  const output = outputScores(explanation, { ...(outputs && { outputs }), ...(label !== undefined && { label }) });
  const part = inputPart(explanation);
  const { sequence, end } = part;
  checkedRanges(ranges, part);
  const filler = fillerFor(explanation, manner);
  const gates = gatesWithout(kinds, []);
  /** The output's scores that are still there, by their place in it. */
  const scores = async (range: TokenRange | null): Promise<ReadonlyMap<number, number>> => {
    const read = range ? sequencesWithout(sequences, sequence, [range], filler) : sequences;
    const runs = new GatedRuns(model, graphs, read);
    try {
      const result = await runs.result(gates);
      return range ? output.of(result, { sequence, ranges: [range], filler }) : output.of(result);
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
    outputs: output.outputs,
    ...(output.label && { label: output.label }),
    plain,
  };
  const sofar = (done: number, whole: boolean): LeftOutCosts => ({
    ...about,
    costs: costs.slice(),
    done,
    gaps: [...gaps],
    agreement: whole ? agreementOf(explanation, output.rows, ranges, costs) : null,
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
