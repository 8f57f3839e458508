/**
 * ‖v_j W_O^h‖ for each head h and key j (Kobayashi et al. 2020, 2004.10102): what a weight of one would move. The weighted norm is
 * ‖α_ij v_j W_O^h‖ = α_ij ‖v_j W_O^h‖, so these heads × keys numbers and the weights are all that is needed.
 */
import type { AttentionAnatomy, GraphAnatomy } from '../anatomy/anatomy';
import { isMissing, type StageTensor } from '../anatomy/stage';
import { SideGraph } from '../fused/sideGraph';
import { outputName, type Probe, type ProbeGap, type ProbeOutput } from './probe';
import { say } from '../../text/say';

export const PROJECTED_NORM = 'projectedValueNorm';
/** Where W_O is not found: ‖v_j‖, which knows nothing of how much the model makes of it. */
export const PLAIN_NORM = 'valueNorm';

/** The probe that brings out the norms of every attention of a graph, [1, heads, keys]. */
export function valueNorms(anatomy: GraphAnatomy, prefix: string): Probe {
  const g = new SideGraph(prefix);
  const outputs: ProbeOutput[] = [];
  const gaps: ProbeGap[] = [];
  const all = anatomy.blocks.flatMap((block) => block.attention);
  // Norms with W_O and without it are on other scales: a kind has the former in every layer, or the latter.
  const plainKinds = new Set(all.filter((one) => projectedReason(one) !== '').map(({ kind }) => kind));
  for (const attention of all) {
    const { kind, layer, value, projection, heads } = attention;
    const gap = (measure: string, reason: string): void => void gaps.push({ measure, kind, layer, reason });
    if (isMissing(value)) {
      gap(PLAIN_NORM, value.missing);
      gap(PROJECTED_NORM, value.missing);
      continue;
    }
    const reason = projectedReason(attention);
    if (reason !== '') gap(PROJECTED_NORM, reason);
    const values = valuesByHead(g, attention, value, anatomy.view.opset);
    if (values === undefined) {
      gap(PLAIN_NORM, say('onnx.gap.headsUnknown'));
      continue;
    }
    const weight = isMissing(projection) || plainKinds.has(kind) ? undefined : projection.weight;
    const isProjected = weight !== undefined && !isMissing(weight);
    const measure = isProjected ? PROJECTED_NORM : PLAIN_NORM;
    // [1, H·D, M] is cut into [H, D, M]; a head's values of any number of keys are multiplied by its own rows.
    const moved = isProjected
      ? g.add('MatMul', [values, g.reshape(unsqueezed(g, weight.at(g), anatomy.view.opset), heads, -1, 0)])
      : values;
    const output: ProbeOutput = { name: outputName(measure, kind, layer), measure, kind, layer, layout: 'norms' };
    norms(g, moved, output.name, anatomy.view.opset);
    outputs.push(output);
  }
  return { name: 'valueNorms', nodes: g.nodes, outputs, inputs: [], gaps };
}

/** Why the values of an attention cannot be projected, '' where they can. */
function projectedReason({ value, projection, heads }: AttentionAnatomy): string {
  if (isMissing(value)) return value.missing;
  const weight = isMissing(projection) ? projection : projection.weight;
  if (isMissing(weight)) return weight.missing;
  return heads === 0 ? say('onnx.gap.headsUnknown') : '';
}

/** Values as [1, heads, keys, size]; of grouped heads (Ainslie et al. 2023) each group's once for every head of it. */
export function valuesByHead(
  g: SideGraph,
  { site, heads, kvHeads }: AttentionAnatomy,
  value: StageTensor,
  opset: number,
): string | undefined {
  const values = g.toFloat(value.at(g));
  switch (value.layout) {
    case 'flat':
      return unsqueezed(g, values, opset);
    case 'joined':
      if (kvHeads === 0) return undefined;
      return repeated(g, g.transpose(g.reshape(values, 0, 0, kvHeads, -1), 0, 2, 1, 3), heads, kvHeads);
    default:
      return site.core === undefined ? repeated(g, values, heads, kvHeads) : values;
  }
}

function repeated(g: SideGraph, values: string, heads: number, kvHeads: number): string {
  if (heads === kvHeads || kvHeads <= 0) return values;
  const size = g.size(values, 3);
  // A matrix [keys, size] of each group, written heads/groups times.
  const grouped = g.reshape(values, kvHeads, 1, -1);
  const spread = g.add('Expand', [grouped, g.ints(kvHeads, heads / kvHeads, 1)]);
  const shape = g.add('Concat', [g.ints(1, heads, -1), g.reshape(size, 1)], { axis: 0 });
  return g.add('Reshape', [spread, shape]);
}

function unsqueezed(g: SideGraph, tensor: string, opset: number): string {
  return opset >= 13 ? g.add('Unsqueeze', [tensor, g.ints(0)]) : g.add('Unsqueeze', [tensor], { axes: [0] });
}

function norms(g: SideGraph, tensor: string, output: string, opset: number): void {
  if (opset >= 18) g.named('ReduceL2', [tensor, g.ints(-1)], output, { keepdims: 0 });
  else g.named('ReduceL2', [tensor], output, { axes: [-1], keepdims: 0 });
}
