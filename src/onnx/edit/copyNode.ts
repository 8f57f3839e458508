/** A node written again with other inputs and outputs: its attributes are taken over as bytes. */
import { FIELD } from '../wire/proto';
import type { GraphNode } from '../graph/node';
import { WireWriter } from '../wire/writer';

export interface Renamed {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Another operator of the same attributes, or with some of them left out. */
  readonly op?: string;
  readonly domain?: string;
  readonly without?: readonly string[];
}

/** @returns the NodeProto of a copy */
export function copyNode(node: GraphNode, { inputs, outputs, op, domain, without = [] }: Renamed): WireWriter {
  const body = new WireWriter();
  for (const input of inputs) body.text(FIELD.node.input, input);
  for (const output of outputs) body.text(FIELD.node.output, output);
  body.text(FIELD.node.name, `explain/${outputs[0] ?? node.op}`).text(FIELD.node.op, op ?? node.op);
  for (const [name, bytes] of node.attributeBytes()) {
    if (!without.includes(name)) body.bytes(FIELD.node.attribute, bytes);
  }
  const place = domain ?? node.domain;
  return place === '' ? body : body.text(FIELD.node.domain, place);
}
