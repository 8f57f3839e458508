/**
 * What contributions are computed from (ALTI, Ferrando et al. 2022, arXiv 2203.04212; with cross-attention 2205.11631): values by head,
 * the matrix that brings them into the stream, the stream's own share, and the result. A norm of the sum (post-norm) is linear once its
 * deviation is held as it is in this run, so it is taken into matrix and residual here, and what is left are sums of products.
 */
import type { AttentionAnatomy, BlockAnatomy, GraphAnatomy } from '../anatomy/anatomy';
import type { Norm } from '../anatomy/norms';
import { isMissing, type Missing, type StageTensor } from '../anatomy/stage';
import type { DenseWeight } from '../anatomy/weight';
import { SideGraph } from '../fused/sideGraph';
import { FLOAT } from '../wire/proto';
import { heldNorm, reciprocalDeviation } from './heldNorm';
import { outputName, type Probe, type ProbeGap, type ProbeOutput } from './probe';
import { valuesByHead } from './valueNorms';
import { say } from '../../text/say';

export const CONTRIBUTION = 'contribution';

/**
 * Outputs of each attention, by their measures: with α the weights, v `values` [1, H, K, D], W `matrix` [H·D, M], r `residual` [1, Q, M],
 * s `scale` [1, Q, 1] (post-norm only), the share of key j in row i of `result` y [1, Q, M] is s_i Σ_h α_ij v_j W_h, plus r_i for j = i.
 * `added` [1, Q, M] is what the attention adds, brought through as W is: Σ_j Σ_h α_ij v_j W_h and a bias that is the same in every row.
 */
export const CONTRIBUTION_PARTS = {
  values: 'contributionValues',
  matrix: 'contributionMatrix',
  residual: 'contributionResidual',
  scale: 'contributionScale',
  added: 'contributionAdded',
  result: 'contributionResult',
} as const;

/** The probe that brings out the parts of `CONTRIBUTION_PARTS` for every attention of a graph. */
export function contributions(anatomy: GraphAnatomy, prefix: string): Probe {
  const g = new SideGraph(prefix);
  const outputs: ProbeOutput[] = [];
  const gaps: ProbeGap[] = [];
  for (const block of anatomy.blocks) {
    for (const attention of block.attention) {
      const { kind, layer } = attention;
      const found = sourcesOf(block, attention);
      const parts = isMissing(found) ? found : partsOf(g, anatomy, attention, found);
      if (isMissing(parts)) {
        gaps.push({ measure: CONTRIBUTION, kind, layer, reason: parts.missing });
        continue;
      }
      for (const { measure, tensor, layout } of parts.list) {
        const output = { name: outputName(measure, kind, layer), measure, kind, layer, layout };
        g.named('Cast', [tensor], output.name, { to: FLOAT });
        outputs.push(output);
      }
    }
  }
  return { name: 'contributions', nodes: g.nodes, outputs, inputs: [], gaps };
}

interface Sources {
  readonly value: StageTensor;
  readonly weight: DenseWeight;
  readonly stream: StageTensor;
  readonly sum: StageTensor;
  /** The norm that the sum goes through; undefined in pre-norm blocks. */
  readonly norm: Norm | undefined;
}

function sourcesOf(block: BlockAnatomy, attention: AttentionAnatomy): Sources | Missing {
  const { value, projection, stream, sum, norm, heads } = attention;
  if (isMissing(value)) return value;
  if (isMissing(projection)) return projection;
  if (isMissing(projection.weight)) return projection.weight;
  if (isMissing(stream)) return stream;
  if (isMissing(sum)) return sum;
  if (heads === 0) return { missing: say('onnx.gap.headsUnknown') };
  if (!attention.isAddedAlone) return { missing: say('onnx.gap.notAddedAlone') };
  const common = { value, weight: projection.weight, stream, sum };
  switch (block.arrangement) {
    case 'pre-norm':
      return { ...common, norm: undefined };
    case 'post-norm':
      return isMissing(norm) ? norm : { ...common, norm };
    case 'unknown':
      return { missing: say('onnx.gap.noStream') };
  }
}

interface Part {
  readonly measure: string;
  readonly tensor: string;
  readonly layout: ProbeOutput['layout'];
}

function partsOf(
  g: SideGraph,
  { view: { opset } }: GraphAnatomy,
  attention: AttentionAnatomy,
  { value, weight, stream, sum, norm }: Sources,
): { readonly list: readonly Part[] } | Missing {
  const values = valuesByHead(g, attention, value, opset);
  if (values === undefined) return { missing: say('onnx.gap.headsUnknown') };
  const before = g.toFloat(stream.at(g));
  const after = g.toFloat(sum.at(g));
  const through = norm ? heldNorm(g, norm, opset) : (tensor: string): string => tensor;
  const matrix = through(g.toFloat(weight.at(g)));
  const scale = norm && reciprocalDeviation(g, after, norm, opset);
  const residual = through(before);
  const list: Part[] = [
    { measure: CONTRIBUTION_PARTS.values, tensor: values, layout: 'heads' },
    { measure: CONTRIBUTION_PARTS.matrix, tensor: matrix, layout: 'matrix' },
    {
      measure: CONTRIBUTION_PARTS.residual,
      tensor: scale === undefined ? residual : g.add('Mul', [residual, scale]),
      layout: 'tokens',
    },
    { measure: CONTRIBUTION_PARTS.added, tensor: through(g.add('Sub', [after, before])), layout: 'tokens' },
    { measure: CONTRIBUTION_PARTS.result, tensor: norm ? g.toFloat(norm.output) : after, layout: 'tokens' },
  ];
  if (scale !== undefined) list.push({ measure: CONTRIBUTION_PARTS.scale, tensor: scale, layout: 'tokens' });
  return { list };
}
