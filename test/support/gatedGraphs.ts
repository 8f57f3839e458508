/** The sessions of a model whose heads can be switched off, or with other probes, as the engine's service makes and keeps them. */
import { GATED } from '../../src/engine/ablation/gatedRuns';
import type { LoadedModel } from '../../src/engine/model/loadedModel';
import { checkProbes, setOf } from '../../src/engine/probes/probedText';
import type { ProbedGraph, ProbeSet } from '../../src/engine/probes/probeSessions';
import type { ModelFiles } from '../../src/protocol/engine';

export async function gatedGraphs(model: LoadedModel, files: ModelFiles): Promise<readonly ProbedGraph[]> {
  return probedGraphs(model, files, GATED);
}

export async function probedGraphs(
  model: LoadedModel,
  files: ModelFiles,
  wanted: Parameters<typeof setOf>[0] & Pick<ProbeSet, 'knockouts'>,
): Promise<readonly ProbedGraph[]> {
  const set = { ...setOf(wanted), knockouts: wanted.knockouts ?? false };
  return model.probes.take(set) ?? model.probes.make(set, files, (made) => checkProbes(model, made, model.sample));
}
