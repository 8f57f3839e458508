/** What each layer's attention and each head is worth to an output: by how much its mean log probability falls without them. */
import { contentOf } from '../../attention/content';
import type { HeadCosts, HeadCostsRequest } from '../../protocol/engine';
import type { ComputedExplanation } from '../text/computedExplanation';
import { nextTask } from '../macrotask';
import type { ProbedGraph } from '../probes/probeSessions';
import { GatedRuns } from './gatedRuns';
import { gatesWithout } from './gates';
import { otherResult } from './otherResult';
import { outputScores } from './outputScores';

export type HeadCostsWanted = Pick<HeadCostsRequest, 'kind' | 'label'>;

/**
 * Switches each layer's heads of a kind off in turn, then each head, teacher-forced over the output as it stands.
 * @param told what is known so far, after each head
 * @returns costs in nats a token, positive where the output becomes less likely without the head
 * @throws ExplainError INVALID_REQUEST where there is no output; AbortError
 */
export async function headCosts(
  explanation: ComputedExplanation,
  graphs: readonly ProbedGraph[],
  { kind, label }: HeadCostsWanted,
  told: (sofar: HeadCosts) => void,
  signal: AbortSignal | undefined,
): Promise<HeadCosts> {
  const { model, tokens, sequences } = explanation;
  const { kinds } = model.report;
  const output = outputScores(explanation, label === undefined ? {} : { label });
  const { layers, heads } = explanation.store.info(kind);
  const runs = new GatedRuns(model, graphs, sequences);
  const mean = async (off: Parameters<typeof gatesWithout>[1]): Promise<number> => {
    const gates = gatesWithout(kinds, off);
    const other = await otherResult(explanation, graphs, output, gates);
    const scores = output.of(await runs.result(gates, output.also), undefined, other);
    return [...scores.values()].reduce((sum, score) => sum + score, 0) / scores.size;
  };
  try {
    const plain = await mean([]);
    const of = contentOf(tokens.source, tokens.target);
    const costs = new Float32Array(layers * heads).fill(NaN);
    const layerCosts = new Float32Array(layers).fill(NaN);
    const gaps = new Set<string>();
    const sofar = (done: number): HeadCosts => ({
      of,
      kind,
      layers,
      heads,
      ...(output.label && { label: output.label }),
      plain,
      costs: costs.slice(),
      layerCosts,
      done,
      gaps: [...gaps],
    });
    const next = async (): Promise<void> => {
      await nextTask();
      signal?.throwIfAborted();
    };
    for (let layer = 0; layer < layers; layer++) {
      const all = Array.from({ length: heads }, (_, head) => ({ kind, layer, head }));
      const reason = runs.reasonAgainst({ kind, layer });
      if (reason === '') layerCosts[layer] = plain - (await mean(all));
      else gaps.add(reason);
      await next();
    }
    for (let at = 0; at < costs.length; at++) {
      const place = { kind, layer: Math.floor(at / heads), head: at % heads };
      const reason = runs.reasonAgainst(place);
      if (reason === '') costs[at] = plain - (await mean([place]));
      else gaps.add(reason);
      told(sofar(at + 1));
      await next();
    }
    return sofar(costs.length);
  } finally {
    runs.dispose();
  }
}
