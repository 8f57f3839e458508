/** What stands between two tensors of a model where that is linear once norms' deviations are held: biases, scales, norms. */
import type { GraphNode } from '../graph/node';
import { SAME_VALUES } from '../graph/operators';
import { say } from '../../text/say';
import { MAX_WALK, type GraphView } from './graphView';
import { addsResidual, type Norm } from './norms';
import { missing, type Missing } from './stage';

/** One step on the way; `by` and `bias` are tensors that are the same for every text. */
export type LinearStep =
  | { readonly does: 'norm'; readonly norm: Norm }
  | { readonly does: 'add'; readonly bias: string }
  | { readonly does: 'scale'; readonly by: string; readonly divides: boolean };

/** Where a tensor goes on through one node, and what that does to it; undefined where the way ends there. */
interface Passed {
  readonly output: string;
  readonly step: LinearStep | undefined;
}

/**
 * The shortest way from one tensor to another through nodes that are linear. Sums with another branch are passed: what that branch adds
 * is counted by itself.
 * @returns the steps in the order of the computation; the reason where there is no such way
 */
export function linearWay(view: GraphView, from: string, to: string): readonly LinearStep[] | Missing {
  const queue: { readonly tensor: string; readonly steps: readonly LinearStep[] }[] = [{ tensor: from, steps: [] }];
  const seen = new Set([from]);
  const stops = new Set<string>();
  for (let i = 0; i < queue.length && i < MAX_WALK; i++) {
    const place = queue[i];
    if (!place) break;
    if (place.tensor === to) return withoutDequantising(view, from, place.steps);
    for (const node of view.takers(place.tensor)) {
      const passed = passedBy(view, node, place.tensor);
      if (!passed) stops.add(node.op);
      else if (passed.output !== '' && !seen.has(passed.output)) {
        seen.add(passed.output);
        queue.push({ tensor: passed.output, steps: passed.step ? [...place.steps, passed.step] : place.steps });
      }
    }
  }
  const [operator] = stops;
  return missing(operator === undefined ? say('onnx.gap.noLinearWay') : say('onnx.gap.notLinear', { operator }));
}

function passedBy(view: GraphView, node: GraphNode, tensor: string): Passed | undefined {
  const norm = view.norms.byNode.get(node);
  if (norm) {
    const takes = !addsResidual(node) && norm.input !== '' && view.origin(norm.input) === view.origin(tensor);
    return takes ? { output: norm.output, step: { does: 'norm', norm } } : undefined;
  }
  const output = node.outputs[0] ?? '';
  const plain: Passed = { output, step: undefined };
  if (SAME_VALUES.has(node.op) || node.op === 'Clip') return node.inputs[0] === tensor ? plain : undefined;
  const partners = node.inputs.filter((input) => input !== tensor);
  const [partner = ''] = partners;
  switch (node.op) {
    case 'Where':
      return node.inputs[0] !== tensor && partners.every((input) => !view.hasContent(input)) ? plain : undefined;
    case 'Add':
    case 'Sum':
      if (partners.length !== 1) return undefined;
      return view.hasContent(partner) ? plain : { output, step: { does: 'add', bias: partner } };
    case 'Mul':
    case 'Div':
      if (partners.length !== 1 || view.hasContent(partner)) return undefined;
      if (node.op === 'Div' && node.inputs[0] !== tensor) return undefined;
      return { output, step: { does: 'scale', by: partner, divides: node.op === 'Div' } };
    default:
      return undefined;
  }
}

/** The tensor that `from` has become before two nodes take it, or one that is not linear: where an activation begins. */
export function soleWay(view: GraphView, from: string): string {
  let tensor = from;
  for (let i = 0; i < MAX_WALK; i++) {
    const [node, ...others] = view.takers(tensor);
    const passed = node && others.length === 0 ? passedBy(view, node, tensor) : undefined;
    if (!passed || passed.output === '' || passed.step?.does === 'norm') return tensor;
    tensor = passed.output;
  }
  return tensor;
}

/** A product of integers is scaled back to floats right behind it: that is part of the product, and its weight is scaled already. */
function withoutDequantising(view: GraphView, from: string, steps: readonly LinearStep[]): readonly LinearStep[] {
  if (view.producer(from)?.op !== 'MatMulInteger') return steps;
  const scale = steps.findIndex(({ does }) => does === 'scale');
  return steps.filter((_, place) => place !== scale);
}

const BIAS_INPUTS: Readonly<Record<string, number>> = {
  Gemm: 2,
  MatMulNBits: 5,
  DynamicQuantizeMatMul: 4,
  MatMulIntegerToFloat: 6,
};

/** The bias that a product adds by itself; '' where it has none. Source: onnx, docs/Operators.md; ONNX Runtime, docs/ContribOperators.md. */
export const ownBias = (node: GraphNode): string => node.inputs[BIAS_INPUTS[node.op] ?? Infinity] ?? '';

/** The bias that a fused operator adds where `branch` joins the stream; '' where there is none. */
export function joinBias(view: GraphView, branch: string): string {
  const join = view.takers(branch).find(addsResidual);
  return (join && view.norms.byNode.get(join)?.addends[2]) ?? '';
}
