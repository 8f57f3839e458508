/** Brings out stages of the anatomy by name, as float32, over all layers. */
import type { GraphAnatomy } from '../anatomy/anatomy';
import { isMissing } from '../anatomy/stage';
import { stagesOf, type StageName } from '../anatomy/stages';
import { SideGraph } from '../fused/sideGraph';
import { FLOAT } from '../wire/proto';
import { outputName, type Probe, type ProbeGap, type ProbeOutput } from './probe';

/** @param prefix of the appended tensors' names, used by nothing else in the graph */
export function stageProbe(anatomy: GraphAnatomy, name: StageName, prefix: string): Probe {
  const g = new SideGraph(prefix);
  const outputs: ProbeOutput[] = [];
  const gaps: ProbeGap[] = [];
  for (const { name: measure, kind, layer, stage } of stagesOf(anatomy)) {
    if (measure !== name) continue;
    if (isMissing(stage)) {
      gaps.push({ measure, kind, layer, reason: stage.missing });
      continue;
    }
    const output = { name: outputName(measure, kind, layer), measure, kind, layer, layout: stage.layout };
    g.named('Cast', [stage.at(g)], output.name, { to: FLOAT });
    outputs.push(output);
  }
  return { name, nodes: g.nodes, outputs, inputs: [], gaps };
}
