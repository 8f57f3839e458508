/**
 * A gate on each head's output before the heads are joined: an input [layers, heads] for each kind of attention, all ones in a plain
 * run, 0 to switch a head off (Michel et al. 2019, 1905.10650).
 */
import { ATTENTION_KINDS, type AttentionKind } from '../../attention/types';
import type { AttentionAnatomy, GraphAnatomy } from '../anatomy/anatomy';
import { isMissing, type StageTensor } from '../anatomy/stage';
import { SideGraph } from '../fused/sideGraph';
import type { Graph } from '../graph/graph';
import { PROBE_PREFIX } from '../graph/addedNames';
import type { ProbeGap, ProbeInput } from '../probe/probe';
import type { Insertion } from './insertions';
import { attentionType, castTo, type AttentionType } from './attentionType';
import { leadThrough } from './leadThrough';
import { say } from '../../text/say';

export interface HeadGates {
  readonly insertions: readonly Insertion[];
  /** One for each kind of attention that is gated. */
  readonly inputs: readonly (ProbeInput & { readonly kind: AttentionKind })[];
  readonly gaps: readonly ProbeGap[];
}

function gateName(kind: AttentionKind): string {
  return `${PROBE_PREFIX}gates.${kind}`;
}

/** @param anatomies of the top graph, or of both branches of a merged decoder */
export function headGates(top: Graph, anatomies: readonly GraphAnatomy[]): HeadGates {
  const insertions: Insertion[] = [];
  const gaps: ProbeGap[] = [];
  const sizes = new Map<AttentionKind, { layers: number; heads: number }>();
  for (const anatomy of anatomies) {
    for (const attention of anatomy.blocks.flatMap((block) => block.attention)) {
      const { kind, layer, heads, headOutput } = attention;
      const reason = isMissing(headOutput) ? headOutput.missing : reasonAgainst(anatomy, attention, headOutput);
      if (reason !== '' || isMissing(headOutput)) {
        gaps.push({ measure: 'gate', kind, layer, reason });
        continue;
      }
      const prefix = `${PROBE_PREFIX}gate.${kind}.${layer}`;
      const g = new SideGraph(prefix);
      const output = gated(g, attention, headOutput, attentionType(anatomy, attention));
      insertions.push(...leadThrough(top, anatomy.branch, { tensor: headOutput.tensor, nodes: g.nodes, output }));
      const size = sizes.get(kind) ?? { layers: 0, heads };
      sizes.set(kind, { layers: Math.max(size.layers, layer + 1), heads: Math.max(size.heads, heads) });
    }
  }
  const inputs = ATTENTION_KINDS.flatMap((kind) => {
    const size = sizes.get(kind);
    return size ? [{ kind, name: gateName(kind), type: 'float32' as const, dims: [size.layers, size.heads] }] : [];
  });
  return { insertions, inputs, gaps };
}

function reasonAgainst(anatomy: GraphAnatomy, { heads, site }: AttentionAnatomy, output: StageTensor): string {
  if (heads === 0) return say('onnx.gap.headsUnknown');
  if (output.tensor === '') return say('onnx.gap.headsUnnamed');
  if (site.core?.weighing.op === 'QLinearMatMul') return say('onnx.gap.headsAreIntegers');
  return anatomy.view.takers(output.tensor).length === 0 ? say('onnx.gap.headsNotTaken') : '';
}

/** The gate's row of this layer, [heads, 1, 1] or [heads, 1], times the heads' outputs. */
function gated(
  g: SideGraph,
  { kind, layer, heads }: AttentionAnatomy,
  output: StageTensor,
  type: AttentionType,
): string {
  const gate = castTo(g, g.pick(gateName(kind), 0, layer), type, output.tensor);
  if (output.layout !== 'joined') return g.add('Mul', [output.tensor, g.reshape(gate, -1, 1, 1)]);
  const split = g.reshape(output.tensor, 0, 0, heads, -1);
  return g.reshape(g.add('Mul', [split, g.reshape(gate, -1, 1)]), 0, 0, -1);
}
