/**
 * What may stand on a fused operator for its probabilities to be recomputed. The operators of ONNX Runtime grow new attributes
 * and inputs that change what they compute while the node still runs: what is not listed here is refused by its name.
 * Source: the operators' schemas in ONNX Runtime (docs/ContribOperators.md) and ONNX (docs/Operators.md).
 */
import type { GraphNode } from '../graph/node';
import { Unsupported } from './fusedSite';

export interface Allowed {
  /** Attributes whose meaning the reader of the operator knows. */
  readonly attributes: readonly string[];
  /** Names of the inputs by place, in the operator's own words; '' for one that may not be there. */
  readonly inputs: readonly string[];
}

/** @throws Unsupported naming the first attribute or input that is not known, or that is known and must be left out */
export function checkAllowed(node: GraphNode, { attributes, inputs }: Allowed): void {
  for (const [name] of node.attributes())
    if (!attributes.includes(name)) throw new Unsupported(`its attribute ${name || '(unnamed)'} is not known here`);
  for (const [place, tensor] of node.inputs.entries())
    if (tensor !== '' && (inputs[place] ?? '') === '')
      throw new Unsupported(`its input ${place + 1} (${tensor}) is not known here`);
}

/** A switch: an attribute that is 0 or 1. @throws Unsupported where it is anything else */
export function switchOf(node: GraphNode, name: string, otherwise: boolean): boolean {
  const value = node.int(name);
  if (value === undefined) {
    // An attribute of another type than an integer is not read as one.
    if (node.attribute(name)) throw new Unsupported(`its attribute ${name} is no number`);
    return otherwise;
  }
  if (value !== 0 && value !== 1) throw new Unsupported(`its attribute ${name} is ${value}, neither 0 nor 1`);
  return value === 1;
}
