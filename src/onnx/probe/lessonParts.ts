/**
 * What each step of the lesson is computed from, beside the stages themselves: what its products read, their weights and biases, and
 * the norms' numbers.
 */
import type { AttentionKind } from '../../attention/types';
import type { GraphAnatomy } from '../anatomy/anatomy';
import type { Norm } from '../anatomy/norms';
import { isMissing, missing, type Missing, type Stage } from '../anatomy/stage';
import { denseWeight } from '../anatomy/weight';
import type { GraphNode } from '../graph/node';
import { PartCollector } from './partCollector';
import type { Probe } from './probe';
import { say } from '../../text/say';

interface Product {
  readonly node: GraphNode;
  readonly source: string;
}

/** Collects products and norms of one graph. */
class Parts extends PartCollector {
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
  /**
   * @param otherwise a tensor of the same values, where the stage's own is computed beside the graph
   * @param place which of the products that meet in the stage
   */
  const productOf = (stage: Stage, otherwise = '', place = 0): Product | Missing => {
    if (isMissing(stage)) return stage;
    const tensor = stage.tensor === '' ? otherwise : stage.tensor;
    if (tensor === '') return missing(say('onnx.gap.madeInside'));
    return view.projections(tensor)[place] ?? { missing: say('onnx.gap.nothingProjected') };
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
    if (!isMissing(feedForward)) {
      parts.put('isGated', kind, layer, 'matrix', parts.g.float(Number(feedForward.gated)));
      // Where one product is cut in two there is no second one.
      const second = feedForward.gated ? productOf(feedForward.inner, '', 1) : undefined;
      if (second && !('missing' in second)) parts.product('gate', kind, layer, second);
    }
    parts.product('outer', kind, layer, isMissing(feedForward) ? feedForward : productOf(feedForward.output));
    parts.norm('feedForwardNorm', kind, layer, isMissing(feedForward) ? feedForward : feedForward.norm);
  }
  const { unembedding } = anatomy.head;
  const kind = anatomy.blocks.at(-1)?.stack ?? 'encoder';
  const last = isMissing(unembedding) ? unembedding : { node: unembedding.node, source: unembedding.input };
  parts.product('unembedding', kind, -1, last);
  return { name: 'lessonParts', nodes: parts.g.nodes, outputs: parts.outputs, inputs: [], gaps: parts.gaps };
}
