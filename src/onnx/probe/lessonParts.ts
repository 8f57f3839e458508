/**
 * What each step of the lesson is computed from, beside the stages themselves: what its products read, their weights and biases, and
 * the norms' numbers. A branch of a merged decoder that lacks one gives NaN in its place, so that the other one can give it.
 */
import type { AttentionKind } from '../../attention/types';
import type { GraphAnatomy } from '../anatomy/anatomy';
import type { Embedding } from '../anatomy/embedding';
import type { GraphView } from '../anatomy/graphView';
import type { Norm } from '../anatomy/norms';
import { isMissing, missing, type Missing, type Stage } from '../anatomy/stage';
import { denseWeight } from '../anatomy/weight';
import { SideGraph } from '../fused/sideGraph';
import type { GraphNode } from '../graph/node';
import { FLOAT } from '../wire/proto';
import { LENS_ROWS } from './lens';
import { outputName, type Probe, type ProbeGap, type ProbeOutput } from './probe';
import { say } from '../../text/say';

interface Product {
  readonly node: GraphNode;
  readonly source: string;
}

/** Collects the outputs of one graph. */
class Parts {
  readonly g: SideGraph;
  readonly outputs: ProbeOutput[] = [];
  readonly gaps: ProbeGap[] = [];

  constructor(
    readonly view: GraphView,
    prefix: string,
  ) {
    this.g = new SideGraph(prefix);
  }

  /** @param tensor its name, or why there is none */
  put(
    measure: string,
    kind: AttentionKind,
    layer: number,
    layout: ProbeOutput['layout'],
    tensor: string | Missing,
  ): void {
    const isThere = typeof tensor === 'string' && tensor !== '';
    if (!isThere) {
      const reason = typeof tensor === 'string' ? say('onnx.gap.nothingProjected') : tensor.missing;
      this.gaps.push({ measure, kind, layer, reason });
    }
    const output = { name: outputName(measure, kind, layer), measure, kind, layer, layout };
    this.g.named('Cast', [isThere ? tensor : this.g.float(NaN)], output.name, { to: FLOAT });
    this.outputs.push(output);
  }

  /** A product's input, its weight [in, out], and its bias (0 where it has none). */
  product(name: string, kind: AttentionKind, layer: number, product: Product | Missing): void {
    const parts = 'missing' in product ? product : { weight: denseWeight(this.view, product.node), ...product };
    const weight = 'missing' in parts ? parts : parts.weight;
    this.put(`${name}Input`, kind, layer, 'tokens', 'missing' in parts ? parts : parts.source);
    this.put(`${name}Weight`, kind, layer, 'matrix', isMissing(weight) ? weight : weight.at(this.g));
    this.put(`${name}Bias`, kind, layer, 'matrix', 'missing' in parts ? parts : this.bias(parts.node));
  }

  norm(name: string, kind: AttentionKind, layer: number, norm: Stage<Norm>): void {
    const { g } = this;
    const whole = isMissing(norm) ? norm : undefined;
    const found = isMissing(norm) ? undefined : norm;
    const or = (tensor: string | undefined, otherwise: number): string | Missing =>
      whole ?? (tensor === undefined || tensor === '' ? g.float(otherwise) : tensor);
    this.put(`${name}Weight`, kind, layer, 'matrix', or(found?.weight, 1));
    this.put(`${name}Bias`, kind, layer, 'matrix', or(found?.bias, 0));
    this.put(`${name}Epsilon`, kind, layer, 'matrix', whole ?? g.float(found?.epsilon ?? NaN));
    this.put(`${name}IsLayer`, kind, layer, 'matrix', whole ?? g.float(found?.kind === 'layer' ? 1 : 0));
  }

  /** Cosines of some tokens' embeddings with every row of the table that they come from: [vocabulary, rows]. */
  similar(kind: AttentionKind, { tokens, table }: Embedding): void {
    const { g } = this;
    if (isMissing(tokens) || typeof table !== 'string') {
      this.put('similar', kind, -1, 'matrix', isMissing(tokens) ? tokens : table);
      return;
    }
    const isRows = tokens.layout === 'rows';
    const some = g.add('Gather', [g.toFloat(tokens.at(g)), LENS_ROWS.name], { axis: isRows ? 0 : 1 });
    const rows = isRows ? some : g.add('Flatten', [some], { axis: 2 });
    const unit = (tensor: string): string => g.add('LpNormalization', [tensor], { axis: 1, p: 2 });
    this.put('similar', kind, -1, 'matrix', g.add('MatMul', [unit(g.toFloat(table)), g.transpose(unit(rows), 1, 0)]));
  }

  /** What is added to a product: its own third input, or the constant that an Add after it brings. */
  private bias(node: GraphNode): string {
    if (node.op === 'Gemm' && (node.inputs[2] ?? '') !== '') return node.inputs[2] ?? '';
    const output = node.outputs[0] ?? '';
    const [taker, ...others] = this.view.takers(output);
    if (taker?.op !== 'Add' || others.length > 0) return this.g.float(0);
    const other = taker.inputs.find((input) => input !== output) ?? '';
    return this.view.flow.of(other).constant ? other : this.g.float(0);
  }
}

export function lessonParts(anatomy: GraphAnatomy, prefix: string): Probe {
  const { view } = anatomy;
  const parts = new Parts(view, prefix);
  /** @param otherwise a tensor of the same values, where the stage's own is computed beside the graph */
  const productOf = (stage: Stage, otherwise = ''): Product | Missing => {
    if (isMissing(stage)) return stage;
    const tensor = stage.tensor === '' ? otherwise : stage.tensor;
    if (tensor === '') return missing(say('onnx.gap.madeInside'));
    return view.projections(tensor)[0] ?? { missing: say('onnx.gap.nothingProjected') };
  };
  for (const block of anatomy.blocks) {
    const { arrangement } = block;
    const isPostNorm =
      arrangement === 'unknown'
        ? missing(say('onnx.gap.arrangementUnknown'))
        : parts.g.float(Number(arrangement === 'post-norm'));
    for (const { kind, layer, query, key, value, projection, norm, headOutput, stream, site } of block.attention) {
      parts.put('attentionStream', kind, layer, 'tokens', isMissing(stream) ? stream : stream.at(parts.g));
      parts.put('isPostNorm', kind, layer, 'matrix', isPostNorm);
      parts.product('query', kind, layer, productOf(query));
      parts.product('key', kind, layer, productOf(key, site.core?.key));
      parts.product('value', kind, layer, productOf(value));
      const source = isMissing(headOutput) ? '' : headOutput.tensor;
      parts.product(
        'output',
        kind,
        layer,
        isMissing(projection) ? projection : { node: projection.node, source: projection.node.inputs[0] ?? source },
      );
      parts.norm('attentionNorm', kind, layer, norm);
    }
    const { stack: kind, index: layer, feedForward } = block;
    parts.product('inner', kind, layer, isMissing(feedForward) ? feedForward : productOf(feedForward.inner));
    parts.product('outer', kind, layer, isMissing(feedForward) ? feedForward : productOf(feedForward.output));
    parts.norm('feedForwardNorm', kind, layer, isMissing(feedForward) ? feedForward : feedForward.norm);
  }
  for (const { stack, ...embedding } of anatomy.embeddings) parts.similar(stack, embedding);
  const { unembedding } = anatomy.head;
  const kind = anatomy.blocks.at(-1)?.stack ?? 'encoder';
  const last = isMissing(unembedding) ? unembedding : { node: unembedding.node, source: unembedding.input };
  parts.product('unembedding', kind, -1, last);
  return { name: 'lessonParts', nodes: parts.g.nodes, outputs: parts.outputs, inputs: [LENS_ROWS], gaps: parts.gaps };
}
