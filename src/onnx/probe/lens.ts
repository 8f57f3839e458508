/**
 * The logit lens (nostalgebraist 2020): the model's own last norm and unembedding over the stream after every block. The nodes from
 * the last stream to the logits are written once more for each block; weights are named again, not copied.
 */
import type { GraphAnatomy } from '../anatomy/anatomy';
import type { HeadNodes } from '../anatomy/head';
import { isMissing, type StageTensor } from '../anatomy/stage';
import { copyNode } from '../edit/copyNode';
import { SideGraph } from '../fused/sideGraph';
import type { GraphNode } from '../graph/node';
import { FLOAT } from '../wire/proto';
import { PROBE_PREFIX } from '../graph/addedNames';
import { outputName, type Probe, type ProbeGap, type ProbeInput, type ProbeOutput } from './probe';

/** Places in the text whose logits are wanted: an int64 vector. */
export const LENS_ROWS: ProbeInput = { name: `${PROBE_PREFIX}rows`, type: 'int64', dims: ['explain_rows'] };

/** One output for the stream before the first block (layer -1) and after each block. The last one is the model's own result. */
export function lens(anatomy: GraphAnatomy, prefix: string): Probe {
  const g = new SideGraph(prefix);
  const outputs: ProbeOutput[] = [];
  const gaps: ProbeGap[] = [];
  const { nodes } = anatomy.head;
  const stack = anatomy.blocks.at(-1)?.stack ?? 'decoder';
  const blocks = anatomy.blocks.filter((block) => block.stack === stack);
  const streams = [
    ...blocks.slice(0, 1).map((block) => ({ layer: -1, stage: block.streamBefore })),
    ...blocks.map((block) => ({ layer: block.index, stage: block.streamAfter })),
  ];
  for (const { layer, stage } of streams) {
    if (isMissing(nodes)) {
      gaps.push({ measure: 'lens', kind: stack, layer, reason: nodes.missing });
      continue;
    }
    if (isMissing(stage)) {
      gaps.push({ measure: 'lens', kind: stack, layer, reason: stage.missing });
      continue;
    }
    const output: ProbeOutput = {
      name: outputName('lens', stack, layer),
      measure: 'lens',
      kind: stack,
      layer,
      layout: 'logits',
    };
    const logits = unembed(g, anatomy, nodes, stage);
    g.named('Cast', [logits], output.name, { to: FLOAT });
    outputs.push(output);
  }
  return { name: 'lens', nodes: g.nodes, outputs, inputs: outputs.length > 0 ? [LENS_ROWS] : [], gaps };
}

function unembed(g: SideGraph, anatomy: GraphAnatomy, head: HeadNodes, stream: StageTensor): string {
  const { view } = anatomy;
  const rows = g.add('Gather', [stream.at(g), LENS_ROWS.name], { axis: 1 });
  const renamed = new Map<string, string>(head.stream === '' ? [] : [[head.stream, rows]]);
  let last = rows;
  for (const node of head.list) {
    last = node === head.fused ? plainNorm(g, anatomy, node, rows) : copied(g, view.flow, node, renamed);
    for (const [place, output] of node.outputs.entries()) if (output !== '') renamed.set(output, ownName(last, place));
  }
  return last;
}

type Flow = GraphAnatomy['view']['flow'];

/**
 * A node written once more over the chosen rows. A Reshape takes a shape that the graph computed for the whole text; between two and
 * three dimensions it is replaced by one that needs no such shape, as there is one text in the batch.
 */
function copied(g: SideGraph, flow: Flow, node: GraphNode, renamed: ReadonlyMap<string, string>): string {
  const inputs = node.inputs.map((input) => renamed.get(input) ?? input);
  const [from = ''] = node.inputs;
  if (node.op === 'Reshape') {
    const before = flow.of(from).rank;
    const after = flow.of(node.outputs[0] ?? '').rank;
    const [tensor = ''] = inputs;
    if (before === after) return tensor;
    if (before === 3 && after === 2) return g.add('Flatten', [tensor], { axis: 2 });
    if (before === 2 && after === 3)
      return g.add('Reshape', [tensor, g.add('Concat', [g.ints(1), g.add('Shape', [tensor])], { axis: 0 })]);
  }
  return g.node((output) =>
    copyNode(node, { inputs, outputs: node.outputs.map((name, place) => (name === '' ? '' : ownName(output, place))) }),
  );
}

/** The name of a copied node's output at `place`: the first one is what the next node takes, the others only need names. */
function ownName(output: string, place: number): string {
  return place === 0 ? output : `${output}.${place}`;
}

/** A plain norm in place of a fused one that first adds the residual: the rows of the stream are sums already. */
function plainNorm(g: SideGraph, { view }: GraphAnatomy, node: GraphNode, rows: string): string {
  const norm = view.norms.byNode.get(node);
  const weights = [norm?.weight ?? '', norm?.bias ?? ''].filter((name) => name !== '');
  return g.add(norm?.kind === 'rms' ? 'SimplifiedLayerNormalization' : 'LayerNormalization', [rows, ...weights], {
    axis: -1,
    epsilon: { float: norm?.epsilon ?? 1e-5 },
  });
}
