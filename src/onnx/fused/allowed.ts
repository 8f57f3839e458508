/**
 * Which attributes and inputs a fused operator may have if its probabilities are to be computed once more beside it. New versions
 * of ONNX Runtime add attributes and inputs that change what an operator computes: one that is not listed is refused by name.
 * Source: the operators' schemas in ONNX Runtime (docs/ContribOperators.md) and ONNX (docs/Operators.md).
 */
import type { GraphNode } from '../graph/node';
import { Unsupported } from './fusedSite';
import { say } from '../../text/say';

export interface Allowed {
  /** Attributes whose meaning the reader of the operator knows. */
  readonly attributes: readonly string[];
  /** Names of the inputs by place, in the operator's own words; '' for one that may not be there. */
  readonly inputs: readonly string[];
}

/** @throws Unsupported naming the first attribute or input that is not known, or that is known and must be left out */
export function checkAllowed(node: GraphNode, { attributes, inputs }: Allowed): void {
  for (const [name] of node.attributes())
    if (!attributes.includes(name))
      throw new Unsupported(say('onnx.reason.attributeUnknown', { name: name || '(unnamed)' }));
  for (const [place, tensor] of node.inputs.entries())
    if (tensor !== '' && (inputs[place] ?? '') === '')
      throw new Unsupported(say('onnx.reason.inputUnknown', { place: place + 1, tensor }));
}

/** A switch: an attribute that is 0 or 1. @throws Unsupported where it is anything else */
export function switchOf(node: GraphNode, name: string, otherwise: boolean): boolean {
  const value = node.int(name);
  if (value === undefined) {
    // An attribute of another type than an integer is not read as one.
    if (node.attribute(name)) throw new Unsupported(say('onnx.reason.attributeNoNumber', { name }));
    return otherwise;
  }
  if (value !== 0 && value !== 1) throw new Unsupported(say('onnx.reason.attributeNoSwitch', { name, value }));
  return value === 1;
}
