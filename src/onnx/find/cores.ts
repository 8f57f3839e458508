/**
 * Finds attention by its structure: a softmax between a product of two activations (Q·Kᵀ) before it and a product
 * with another activation (P·V) after it. Names are never looked at.
 */
import { followContent, type Flow } from '../graph/flow';
import type { Graph } from '../graph/graph';
import type { GraphNode } from '../graph/node';
import {
  activationProduct,
  BACKWARD,
  FORWARD,
  KEEPS_MEANING,
  operands,
  projected,
  type Product,
} from '../graph/operators';
import type { SoftmaxForm } from './softmax';
import type { RejectedNode } from '../types';
import { tooLarge } from '../wire/reader';
import { listOf } from '../../text/listInSentence';
import { say } from '../../text/say';

/** An attention core: softmax(scores(query, key)) · value. */
export interface Core {
  readonly graph: Graph;
  readonly node: GraphNode;
  /** Name of the tensor that carries the probabilities as P·V uses them, before any Reshape, Transpose or Quantize. */
  readonly probabilities: string;
  /** The scale and zero point of the probabilities, where they are bytes. */
  readonly quantised: SoftmaxForm['quantised'];
  readonly query: string;
  readonly key: string;
  readonly value: string;
  /** Q·Kᵀ and P·V themselves. */
  readonly scoring: GraphNode;
  readonly weighing: GraphNode;
  /** Something between softmax and P·V may take mass away (a cut sink, zeroed rows, a head mask). */
  readonly mayLoseMass: boolean;
}

/** Why a softmax is not taken: `other` uses (routers, kernels, poolers), or attention in a `layout` that is no [query, key] map. */
export interface Rejection extends RejectedNode {
  readonly why: 'other' | 'layout';
}

/** Steps that all walks of one model may take together; a real model needs some hundred per layer. */
export interface WalkBudget {
  steps: number;
}

const MAX_WALK = 1024;

/** Tells whether a softmax is that of an attention. @returns the core, or why the softmax is not taken */
export function findCore(
  graph: Graph,
  form: SoftmaxForm,
  flow: Flow,
  opset: number,
  budget: WalkBudget,
): Core | Rejection {
  const { node, input, output } = form;
  const reject = (reason: string, why: Rejection['why']): Rejection => ({
    node: node.title,
    operator: node.op,
    reason,
    why,
  });
  const axis = form.axis ?? (opset >= 13 ? -1 : 1);
  const { rank } = flow.of(output);
  if (axis !== -1 && (!(axis >= 2) || (rank >= 0 && axis !== rank - 1))) {
    return reject(Number.isNaN(axis) ? say('onnx.reason.otherAxes') : say('onnx.reason.otherAxis', { axis }), 'other');
  }
  const forward = walkForward(graph, output, flow, budget);
  if ('reason' in forward) {
    const before = walkBackward(graph, input, flow, budget);
    if (!('reason' in before)) return reject(forward.reason, 'layout');
    return reject(`${forward.reason}; ${before.reason}`, before.why === 'layout' ? forward.why : 'other');
  }
  const backward = walkBackward(graph, input, flow, budget);
  if ('reason' in backward) return reject(backward.reason, backward.why);
  return {
    graph,
    node,
    probabilities: form.quantised ? output : forward.probabilities,
    quantised: form.quantised,
    query: backward.left,
    key: backward.right,
    value: forward.value,
    scoring: backward.node,
    weighing: forward.node,
    mayLoseMass: forward.mayLoseMass || form.mayLoseMass,
  };
}

interface Dead {
  readonly reason: string;
  readonly why: Rejection['why'];
}

interface Reached {
  readonly probabilities: string;
  readonly value: string;
  readonly node: GraphNode;
  readonly mayLoseMass: boolean;
}

/** From the softmax's output to the product in which it is the left operand and the right one is no weight. */
function walkForward(graph: Graph, from: string, flow: Flow, budget: WalkBudget): Reached | Dead {
  interface Place {
    readonly tensor: string;
    readonly probabilities: string;
    readonly frozen: boolean;
    readonly mayLoseMass: boolean;
  }
  const queue: Place[] = [{ tensor: from, probabilities: from, frozen: false, mayLoseMass: false }];
  const seen = new Set([from]);
  const stops = new Set<string>();
  let kernel = false;
  for (let i = 0; i < queue.length && i < MAX_WALK; i++) {
    const place = queue[i];
    if (!place) break;
    for (const node of graph.consumers.get(place.tensor) ?? []) {
      spend(budget);
      const product = activationProduct(node, flow);
      if (product) {
        if (product.left === place.tensor)
          return { probabilities: place.probabilities, value: product.right, node, mayLoseMass: place.mayLoseMass };
        if (node.op === 'Einsum' && product.right === place.tensor)
          return { probabilities: place.probabilities, value: product.left, node, mayLoseMass: place.mayLoseMass };
        kernel = true;
        continue;
      }
      if (!FORWARD.has(node.op) || !carries(node, place.tensor, flow)) {
        if (node.op !== 'Shape' && node.op !== 'IsNaN') stops.add(node.op);
        continue;
      }
      const next = node.outputs[0] ?? '';
      if (next === '' || seen.has(next)) continue;
      seen.add(next);
      const frozen = place.frozen || !KEEPS_MEANING.has(node.op);
      const loses = place.mayLoseMass || node.op === 'Where' || node.op === 'Slice' || node.op === 'Mul';
      queue.push({ tensor: next, probabilities: frozen ? place.probabilities : next, frozen, mayLoseMass: loses });
    }
  }
  if (kernel) return { reason: say('onnx.reason.kernel'), why: 'other' };
  const reason =
    stops.size > 0
      ? say('onnx.reason.weighsNothing', { operators: listOf([...stops].slice(0, 4)) })
      : say('onnx.reason.weighsNothingUnused');
  return { reason, why: 'layout' };
}

/** True where `tensor` goes through `node` as the value that is carried on, not as a condition, a shape or a partner of content. */
function carries(node: GraphNode, tensor: string, flow: Flow): boolean {
  if (node.op === 'Where')
    return (
      node.inputs[0] !== tensor &&
      [1, 2].every((i) => node.inputs[i] === tensor || flow.of(node.inputs[i] ?? '').content === 0)
    );
  if (node.op === 'Mul') return node.inputs.every((input) => input === tensor || flow.of(input).content === 0);
  return node.inputs[0] === tensor;
}

/** From the softmax's input back to the nearest product of two activations. */
function walkBackward(graph: Graph, from: string, flow: Flow, budget: WalkBudget): Product | Dead {
  const queue = [from];
  const seen = new Set(queue);
  const stops = new Set<string>();
  let weights = false;
  for (let i = 0; i < queue.length && i < MAX_WALK; i++) {
    const node = graph.producer.get(queue[i] ?? '');
    if (!node) continue;
    spend(budget);
    const product = activationProduct(node, flow);
    if (product) return product;
    if (operands(node) && projected(node, flow) !== undefined) {
      weights = true;
      continue;
    }
    if (!BACKWARD.has(node.op)) {
      stops.add(node.op);
      continue;
    }
    // Masks, biases and scales carry no content: the way goes on where the scores come from.
    followContent(node, flow, seen, queue);
  }
  if (weights)
    return {
      reason: say('onnx.reason.router'),
      why: 'other',
    };
  const reason =
    stops.size > 0
      ? say('onnx.reason.noProduct', { operators: listOf([...stops].slice(0, 4)) })
      : say('onnx.reason.noProductAtAll');
  return { reason, why: 'layout' };
}

function spend(budget: WalkBudget): void {
  if (--budget.steps < 0) throw tooLarge(say('onnx.reason.longSearch'));
}
