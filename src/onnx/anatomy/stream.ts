/** The residual stream (He et al. 2016): where a branch is added to it, and what it is called before and after. */
import { addsResidual, type Norm } from './norms';
import type { GraphNode } from '../graph/node';
import { SAME_VALUES } from '../graph/operators';
import { computed, existing, type StageTensor } from './stage';
import { MAX_WALK, type GraphView } from './graphView';
import { say } from '../../text/say';

/** A branch's way back into the stream. */
export interface Join {
  readonly node: GraphNode;
  /** The stream as it was before, as the sum takes it. */
  readonly stream: string;
  /** What is added, after its bias and after a norm of its own. */
  readonly branch: string;
  /** The sum. */
  readonly sum: StageTensor;
  /** A fused norm that takes the sum at once. */
  readonly norm: Norm | undefined;
  /** A norm of the branch alone (Gemma 2). */
  readonly branchNorm: Norm | undefined;
  /** Other branches that were added on the way: the block is parallel. */
  readonly others: readonly string[];
}

const MOST_PARALLEL = 2;

/**
 * From a projection's output on to the sum with the stream. In a parallel block (GPT-J, NeoX, Falcon, Phi) the two branches may be
 * added to each other first: a sum with something that is not the stream is passed.
 */
export function joinAfter(view: GraphView, from: string, isStream: (tensor: string) => boolean): Join | undefined {
  interface Step {
    readonly tensor: string;
    readonly branchNorm: Norm | undefined;
    readonly others: readonly string[];
  }
  const queue: Step[] = [{ tensor: from, branchNorm: undefined, others: [] }];
  const seen = new Set([from]);
  for (let i = 0; i < queue.length && i < MAX_WALK; i++) {
    const step = queue[i];
    if (!step) break;
    const push = (tensor: string, more: Partial<Step> = {}): void => {
      if (tensor === '' || seen.has(tensor)) return;
      seen.add(tensor);
      queue.push({ ...step, ...more, tensor });
    };
    for (const node of view.takers(step.tensor)) {
      const partner = partnerOf(view, node, step.tensor);
      if (partner !== undefined && partner !== '') {
        if (isStream(partner)) return joined(view, node, partner, step);
        if (node.op === 'Add' && step.others.length < MOST_PARALLEL)
          push(node.outputs[0] ?? '', { others: [...step.others, partner] });
        continue;
      }
      const norm = view.norms.byNode.get(node);
      if (norm) push(norm.output, { branchNorm: step.branchNorm ?? norm });
      else if (partner === '' || leavesBranch(view, node, step.tensor)) push(node.outputs[0] ?? '');
    }
  }
  return undefined;
}

function joined(
  view: GraphView,
  node: GraphNode,
  stream: string,
  step: { readonly tensor: string; readonly branchNorm: Norm | undefined; readonly others: readonly string[] },
): Join {
  return {
    node,
    stream,
    branch: step.tensor,
    sum: sumOf(view, node),
    norm: addsResidual(node) ? view.norms.byNode.get(node) : undefined,
    branchNorm: step.branchNorm,
    others: step.others,
  };
}

/** What a node adds to `tensor`: '' where it is a bias without content, undefined where the node is no sum. */
function partnerOf(view: GraphView, node: GraphNode, tensor: string): string | undefined {
  if (node.op === 'Add' || (node.op === 'Sum' && node.inputs.length === 2)) {
    const partner = node.inputs.find((input) => input !== tensor) ?? tensor;
    return view.hasContent(partner) ? partner : '';
  }
  if (!addsResidual(node)) return undefined;
  const [first = '', second = ''] = node.inputs;
  if (first === tensor) return second;
  return second === tensor ? first : undefined;
}

/** The sum of a join; fused operators give it only when asked. */
function sumOf(view: GraphView, node: GraphNode): StageTensor {
  if (!addsResidual(node)) return existing(node.outputs[0] ?? '', 'tokens');
  const given = node.outputs[3] ?? '';
  if (given !== '') return existing(given, 'tokens');
  const addends = view.norms.byNode.get(node)?.addends ?? [];
  return computed('tokens', say('onnx.gap.noteAddsUp', { operator: node.op }), (g) =>
    addends.slice(1).reduce((sum, part) => g.add('Add', [sum, part]), addends[0] ?? ''),
  );
}

/** Nodes between a projection and the sum: other shapes, biases, and scales that are the same for every text. */
function leavesBranch(view: GraphView, node: GraphNode, tensor: string): boolean {
  if (SAME_VALUES.has(node.op) || node.op === 'Clip') return node.inputs[0] === tensor;
  if (node.op === 'Mul' || node.op === 'Div' || node.op === 'Add')
    return node.inputs.every((input) => input === tensor || !view.hasContent(input));
  if (node.op === 'Where') return node.inputs[0] !== tensor;
  return false;
}

/** The next sum that takes `stream` as it is: the branch that is added there, or undefined. */
export function nextJoin(view: GraphView, stream: string): Join | undefined {
  const queue = [stream];
  const seen = new Set(queue);
  for (let i = 0; i < queue.length && i < MAX_WALK; i++) {
    const tensor = queue[i] ?? '';
    for (const node of view.takers(tensor)) {
      if (view.norms.byNode.has(node) && !addsResidual(node)) continue;
      const partner = partnerOf(view, node, tensor);
      if (partner !== undefined && partner !== '')
        return joined(view, node, tensor, { tensor: partner, branchNorm: undefined, others: [] });
      const output = node.outputs[0] ?? '';
      if (SAME_VALUES.has(node.op) && node.inputs[0] === tensor && !seen.has(output)) {
        seen.add(output);
        queue.push(output);
      }
    }
  }
  return undefined;
}

export interface Going {
  /** The tensor that later layers add to. */
  readonly stream: StageTensor;
  /** The norm that stands in the stream itself (post-norm) or takes it next (pre-norm). */
  readonly norm: Norm | undefined;
}

/** What goes on after a sum: in post-norm blocks the sum's norm, otherwise the sum itself. */
export function goesOn(view: GraphView, { sum, norm: fused }: Join, postNorm: boolean): Going {
  const norm = fused ?? (view.norms.byInput.get(view.origin(sum.tensor)) ?? [])[0];
  return { stream: postNorm && norm ? existing(norm.output, 'tokens') : sum, norm };
}
