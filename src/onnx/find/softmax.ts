/**
 * A softmax under the names that exporters and runtimes give it: the operator itself, its quantised form, and the pieces that it is
 * saved as (native ONNX Runtime writes half-precision graphs with Exp, ReduceSum and Div).
 */
import type { Flow } from '../graph/flow';
import { numberOf } from '../inputs/constants';
import type { Graph } from '../graph/graph';
import type { GraphNode } from '../graph/node';
import { originOf } from '../graph/origin';
import { say } from '../../text/say';

export interface SoftmaxForm {
  /** The node that gives the probabilities, for reports and for the order of layers. */
  readonly node: GraphNode;
  /** The scores, and the probabilities. */
  readonly input: string;
  readonly output: string;
  /** The dimension that it normalises over; undefined where the node leaves it to the operator set. */
  readonly axis: number | undefined;
  /** Something is added to the sum, so that rows add up to less than 1. */
  readonly mayLoseMass: boolean;
  /** The probabilities are bytes: their scale and zero point. */
  readonly quantised: { readonly scale: string; readonly zero: string } | undefined;
  /** Its exponential, where it is saved in pieces. */
  readonly exponential: GraphNode | undefined;
}

const PLAIN = { mayLoseMass: false, quantised: undefined, exponential: undefined };
const CASTS = new Set(['Cast', 'Identity']);
/** Between the sum and the division: what keeps it from being zero, or adds a logit of its own. */
const GUARDS = new Set(['Add', 'Max', 'Clip']);

/** @returns undefined where the node ends no softmax. */
export function softmaxOf(graph: Graph, node: GraphNode, flow: Flow): SoftmaxForm | undefined {
  const [input = ''] = node.inputs;
  const [output = ''] = node.outputs;
  const direct = { node, input, output, axis: node.int('axis'), ...PLAIN };
  if (node.op === 'Softmax' && node.domain === '') return direct;
  if (node.op === 'BiasSoftmax' && node.isContrib) return direct;
  if (node.op === 'QLinearSoftmax')
    return {
      ...direct,
      axis: node.int('axis') ?? -1,
      quantised: { scale: node.inputs[3] ?? '', zero: node.inputs[4] ?? '' },
    };
  if (node.op === 'Exp') return exponentOf(graph, node, flow);
  if (node.op === 'Div') return quotientOf(graph, node, node.inputs[1] ?? '', flow, input);
  if (node.op === 'LpNormalization') return normalisedOf(graph, node);
  if (node.op !== 'Mul') return undefined;
  for (const [place, factor] of node.inputs.entries()) {
    const inverse = inverseOf(graph, factor);
    const other = node.inputs[1 - place] ?? '';
    const form = inverse && quotientOf(graph, node, inverse.inputs[0] ?? '', flow, other);
    if (form) return form;
  }
  return undefined;
}

/** The node that gives one over its first input: Reciprocal, or the power −1. */
function inverseOf(graph: Graph, name: string): GraphNode | undefined {
  const power = made(graph, name, 'Pow');
  return power && numberOf(graph, power.inputs[1] ?? '') === -1 ? power : made(graph, name, 'Reciprocal');
}

/** exp(x) made to sum to 1 by LpNormalization, whose norm of order 1 is the sum of what is positive. */
function normalisedOf(graph: Graph, node: GraphNode): SoftmaxForm | undefined {
  const [from = ''] = node.inputs;
  const exponential = made(graph, from, 'Exp');
  if (!exponential || node.int('p') !== 1) return undefined;
  const output = node.outputs[0] ?? '';
  return { node, input: exponential.inputs[0] ?? '', output, axis: node.int('axis') ?? -1, ...PLAIN, exponential };
}

/** exp(log-softmax(x)), or exp(x − log-sum-exp(x)). */
function exponentOf(graph: Graph, node: GraphNode, flow: Flow): SoftmaxForm | undefined {
  const [from = ''] = node.inputs;
  const [output = ''] = node.outputs;
  const logarithm = made(graph, from, 'LogSoftmax');
  if (logarithm)
    return { node, input: logarithm.inputs[0] ?? '', output, axis: logarithm.int('axis'), ...PLAIN, exponential: node };
  const difference = made(graph, from, 'Sub');
  const [scores = '', total = ''] = difference?.inputs ?? [];
  if (!difference) return undefined;
  const whole = made(graph, total, 'ReduceLogSumExp');
  const logged = made(graph, total, 'Log');
  const summed = logged && made(graph, logged.inputs[0] ?? '', 'ReduceSum');
  const inner = summed && made(graph, summed.inputs[0] ?? '', 'Exp');
  const reduced = whole ?? summed;
  const same = origin(graph, (whole ?? inner)?.inputs[0] ?? '') === origin(graph, scores);
  return reduced && same
    ? { node, input: scores, output, axis: axisOf(reduced, flow), ...PLAIN, exponential: node }
    : undefined;
}

/** exp(x) / Σ exp(x), where `sum` is what it is divided by. */
function quotientOf(
  graph: Graph,
  node: GraphNode,
  sum: string,
  flow: Flow,
  numerator: string,
): SoftmaxForm | undefined {
  const exponential = made(graph, numerator, 'Exp');
  if (!exponential) return undefined;
  const guarded = guard(graph, sum, flow);
  // What is positive is its own absolute value, so that a sum of absolute values is the sum.
  const reduced = made(graph, guarded ?? sum, 'ReduceSum') ?? made(graph, guarded ?? sum, 'ReduceL1');
  if (!reduced || origin(graph, reduced.inputs[0] ?? '') !== exponential.outputs[0]) return undefined;
  return {
    node,
    input: exponential.inputs[0] ?? '',
    output: node.outputs[0] ?? '',
    axis: axisOf(reduced, flow),
    mayLoseMass: guarded !== undefined,
    quantised: undefined,
    exponential,
  };
}

/** What stands before a guard of the sum; undefined where there is none. */
function guard(graph: Graph, sum: string, flow: Flow): string | undefined {
  const node = graph.producer.get(origin(graph, sum));
  if (!node || !GUARDS.has(node.op)) return undefined;
  return node.inputs.find((name) => name !== '' && flow.of(name).content !== 0);
}

/** The one axis of a reduction; NaN where it is over several, or over one that cannot be told. */
function axisOf(node: GraphNode, flow: Flow): number {
  const axes = flow.of(node.inputs[1] ?? '').vector ?? node.ints('axes');
  const [axis] = axes ?? [];
  return axes?.length === 1 && typeof axis === 'number' && (node.int('keepdims') ?? 1) === 1 ? axis : Number.NaN;
}

/** The tensor itself, before what only casts it. */
const origin = (graph: Graph, name: string): string => originOf(graph, name, CASTS);

function made(graph: Graph, name: string, op: string): GraphNode | undefined {
  const node = graph.producer.get(origin(graph, name));
  return node?.op === op ? node : undefined;
}

/** Why a node that looks like a softmax, or a piece of one, is not taken; undefined for any other node. */
export function unknownSoftmax(graph: Graph, node: GraphNode, used: ReadonlySet<GraphNode>): string | undefined {
  if (used.has(node)) return undefined;
  if (/softmax/i.test(node.op) && !/^(?:Bias|QLinear|Log)?Softmax$|^SoftmaxCrossEntropy|Grad$/.test(node.op))
    return say('onnx.reason.softmaxUnknown');
  if (node.op === 'LogSoftmax') return say('onnx.reason.logarithm');
  if (node.op !== 'Exp') return undefined;
  const summed = (graph.consumers.get(node.outputs[0] ?? '') ?? []).some(({ op }) => op === 'ReduceSum');
  return summed ? say('onnx.reason.softmaxInPieces') : undefined;
}
