/**
 * Leave-one-out (Li et al. 2016, arXiv 1612.08220): what a piece of the input is worth is by how much the output becomes less likely
 * without the piece, everything else as it stands, one piece after another. The output may be a label of the text.
 */
import { say } from '../../text/say';
import type { LeftOutCosts } from '../../protocol/engine';
import type { ComputedExplanation } from '../text/computedExplanation';
import { nextTask } from '../macrotask';
import type { ProbedGraph } from '../probes/probeSessions';
import { agreementOf } from './agreement';
import { piecesWithout, type LeaveOutWanted } from './piecesWithout';

/**
 * Leaves each of `ranges` out of the input in turn, and measures the output's log probability without it.
 * @param told what is known so far, after each piece
 * @returns costs in nats a token, positive where the output becomes less likely without the piece
 * @throws ExplainError INVALID_REQUEST where there is no output, no such piece, or nothing to put in its place; AbortError
 */
export async function leaveOut(
  explanation: ComputedExplanation,
  graphs: readonly ProbedGraph[],
  wanted: LeaveOutWanted,
  told: (sofar: LeftOutCosts) => void,
  signal: AbortSignal | undefined,
): Promise<LeftOutCosts> {
  const { ranges } = wanted;
  const { about, before, rows, canDoWithout, scores } = await piecesWithout(explanation, graphs, wanted);
  const costs = new Float32Array(ranges.length).fill(NaN);
  const gaps = new Set<string>();
  const sofar = (done: number, whole: boolean): LeftOutCosts => ({
    ...about,
    costs: costs.slice(),
    done,
    gaps: [...gaps],
    agreement: whole ? agreementOf(explanation, rows, ranges, costs) : null,
  });
  for (const [at, range] of ranges.entries()) {
    if (canDoWithout([range])) {
      const after = await scores([range]);
      let sum = 0;
      for (const [place, value] of after) sum += (before.get(place) ?? NaN) - value;
      costs[at] = after.size === 0 ? NaN : sum / after.size;
    } else gaps.add(say('engine.nothingLeft'));
    told(sofar(at + 1, false));
    await nextTask();
    signal?.throwIfAborted();
  }
  return sofar(ranges.length, true);
}
