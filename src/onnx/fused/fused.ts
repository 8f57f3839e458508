/** Fused attention operators: what can be recomputed beside them, and what cannot. */
import type { Rejection } from '../find/cores';
import type { Flow } from '../graph/flow';
import { groupQueryAttention } from './groupQuery';
import { contribAttention, multiHeadAttention } from './multiHead';
import { onnxAttention } from './onnxAttention';
import { Unsupported, type FusedNode, type FusedSite } from './fusedSite';
import type { Graph } from '../graph/graph';
import type { GraphNode } from '../graph/node';
import type { OnnxModel } from '../graph/onnxFile';
import { say } from '../../text/say';

/** @returns undefined where the node is no attention. */
export function fusedAttention(
  model: OnnxModel,
  graph: Graph,
  node: GraphNode,
  flow: Flow,
): FusedSite | Rejection | undefined {
  // A function that the model brings along is not the runtime's operator, whatever it is called.
  const reader = model.functions.has(`${node.domain}::${node.op}`) ? undefined : readerOf(node);
  if (!reader) return undefined;
  try {
    if ((model.opsets.get('') ?? 0) < 12) throw new Unsupported(say('onnx.reason.oldOperators'));
    return reader({ model, graph, node, flow });
  } catch (thrown) {
    if (!(thrown instanceof Unsupported)) throw thrown;
    return { node: node.title, operator: node.op, reason: `${node.op}: ${thrown.message}`, why: 'layout' };
  }
}

function readerOf(node: GraphNode): ((fused: FusedNode) => FusedSite) | undefined {
  if (node.domain === '' && node.op === 'Attention') return onnxAttention;
  if (!node.isContrib) return otherAttention(node);
  switch (node.op) {
    case 'GroupQueryAttention':
      return groupQueryAttention;
    case 'MultiHeadAttention':
      return multiHeadAttention;
    case 'Attention':
      return contribAttention;
    default:
      return otherAttention(node);
  }
}

/** Linear attention has no probabilities; every other one, of whatever domain, is softmax attention in a form not known here. */
function otherAttention({ op }: GraphNode): ((fused: FusedNode) => FusedSite) | undefined {
  return op.endsWith('Attention') && op !== 'LinearAttention' ? unknownAttention : undefined;
}

function unknownAttention(): FusedSite {
  throw new Unsupported(say('onnx.reason.operatorUnknown'));
}
