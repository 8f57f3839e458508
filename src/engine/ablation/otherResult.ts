/** The result of a further text that an output depends on, which is read by itself. */
import type { ProbedGraph } from '../probes/probeSessions';
import type { ComputedExplanation } from '../text/computedExplanation';
import { GatedRuns, type RunResult } from './gatedRuns';
import type { Gates } from './gates';
import type { OutputScores } from './scoredOutput';

/** Undefined where the output depends on no other text. */
export async function otherResult(
  { model }: ComputedExplanation,
  graphs: readonly ProbedGraph[],
  { other, also }: OutputScores,
  gates: Gates,
): Promise<RunResult | undefined> {
  if (!other) return undefined;
  const runs = new GatedRuns(model, graphs, other);
  try {
    return await runs.result(gates, also);
  } finally {
    runs.dispose();
  }
}
