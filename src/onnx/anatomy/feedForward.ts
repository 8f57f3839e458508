/** The feed-forward part of a block: what is inside between its two products, and what it adds to the stream. */
import type { GraphNode } from '../graph/node';
import { projected, SAME_VALUES } from '../graph/operators';
import type { Norm } from './norms';
import { existing, missing, type Missing, type StageTensor, type Stage } from './stage';
import { MAX_WALK, type GraphView } from './graphView';
import { denseWeight, type DenseWeight } from './weight';
import { say } from '../../text/say';

export interface FeedForward {
  /** The activation that the outer product takes: [1, T, inner features]. */
  readonly inner: Stage;
  /** What is added to the stream: [1, T, M]. */
  readonly output: StageTensor;
  /** Two inner products whose results are multiplied (Shazeer 2020, 2002.05202), or one that is cut in two. */
  readonly gated: boolean;
  /** The norm through which it reads the stream (pre-norm), or the one of its sum with the stream (post-norm). */
  readonly norm: Stage<Norm>;
  readonly outerWeight: Stage<DenseWeight>;
  /** Where its inner products read: names of tensors. */
  readonly sources: readonly string[];
}

/**
 * @param branch what is added to the stream
 * @param after the norm that takes the sum
 */
export function feedForward(
  view: GraphView,
  branch: string,
  after: Norm | undefined,
  postNorm: boolean,
): FeedForward | Missing {
  const outer = outerProduct(view, branch);
  if ('missing' in outer) return outer;
  const inside = view.projections(outer.source);
  const sources = [...new Set(inside.map(({ source }) => view.origin(source)))];
  if (inside.length === 0) return missing(say('onnx.gap.nothingProjected'));
  const activation = beforeQuantised(view, outer.source);
  const before = sources.map((source) => view.norms.byOutput.get(source)).find((norm) => norm !== undefined);
  return {
    inner: existing(activation, view.flow.of(activation).rank === 2 ? 'rows' : 'tokens'),
    output: existing(branch, 'tokens'),
    gated: inside.length > 1 || halves(view, outer.source),
    norm:
      (postNorm ? after : before) ?? missing(postNorm ? say('onnx.gap.noNormTakesSum') : say('onnx.gap.readsStream')),
    outerWeight: denseWeight(view, outer.node),
    sources,
  };
}

/** The floats before they were rounded, where `tensor` is the rounded form that a product of integers takes. */
function beforeQuantised(view: GraphView, tensor: string): string {
  const node = view.producer(tensor);
  return node?.op === 'DynamicQuantizeLinear' || node?.op === 'QuantizeLinear' ? (node.inputs[0] ?? tensor) : tensor;
}

/** The last product with a weight before the branch joins the stream, back through bias, scale and a norm of the branch. */
function outerProduct(
  view: GraphView,
  branch: string,
): { readonly node: GraphNode; readonly source: string } | Missing {
  let name = branch;
  for (let i = 0; i < MAX_WALK; i++) {
    const node = view.producer(name);
    if (!node) return missing(say('onnx.gap.feedForwardEnd'));
    const source = projected(node, view.flow);
    if (source !== undefined && view.hasContent(source)) return { node, source };
    const norm = view.norms.byOutput.get(name);
    const next = norm?.input ?? soleContent(view, node);
    if (next === undefined || next === '') return missing(say('onnx.gap.feedForwardEndsWith', { operator: node.op }));
    name = next;
  }
  return missing(say('onnx.gap.feedForwardLong'));
}

function soleContent(view: GraphView, node: GraphNode): string | undefined {
  const inputs = view.contentInputs(node);
  const passes = SAME_VALUES.has(node.op) || ['Add', 'Mul', 'Div', 'Clip', 'Where', 'Sum'].includes(node.op);
  return passes && inputs.length === 1 ? inputs[0] : undefined;
}

/** True where one inner product is cut into two halves that are then multiplied: a Split, or Slices, stands on the way. */
function halves(view: GraphView, from: string): boolean {
  const queue = [from];
  const seen = new Set(queue);
  for (let i = 0; i < queue.length && i < 64; i++) {
    const node = view.producer(queue[i] ?? '');
    if (!node || projected(node, view.flow) !== undefined) continue;
    if (node.op === 'Split' || node.op === 'Slice') return true;
    for (const input of view.contentInputs(node)) {
      if (seen.has(input)) continue;
      seen.add(input);
      queue.push(input);
    }
  }
  return false;
}
