/** Which operands an operator multiplies, and which operators only carry a tensor on. */
import type { Flow } from './flow';
import type { GraphNode } from './node';

/** Input places of a matrix product's two operands, or undefined where the node is none. */
export function operands(node: GraphNode): readonly [number, number] | undefined {
  switch (node.op) {
    case 'MatMul':
    case 'FusedMatMul':
    case 'TransposeMatMul':
    case 'MatMulInteger':
    case 'MatMulIntegerToFloat':
    case 'DynamicQuantizeMatMul':
    case 'MatMulInteger16':
    case 'Gemm':
    case 'MatMulNBits':
    case 'MatMulBnb4':
    case 'MatMulFpQ4':
    case 'Conv':
      return [0, 1];
    case 'QLinearMatMul':
    case 'QGemm':
      return [0, 3];
    case 'Einsum':
      return node.inputs.length === 2 ? [0, 1] : undefined;
    default:
      return undefined;
  }
}

export interface Product {
  readonly node: GraphNode;
  readonly left: string;
  readonly right: string;
}

/** A product of two activations (Q·Kᵀ, P·V): neither operand is a weight. */
export function activationProduct(node: GraphNode, flow: Flow): Product | undefined {
  const places = operands(node);
  if (!places || node.op === 'Conv') return undefined;
  const left = node.inputs[places[0]] ?? '';
  const right = node.inputs[places[1]] ?? '';
  const usable = [left, right].every((name) => name !== '' && !flow.of(name).constant && flow.of(name).content !== 0);
  return usable ? { node, left, right } : undefined;
}

/** A product with a weight: @returns the activation that is projected. */
export function projected(node: GraphNode, flow: Flow): string | undefined {
  const places = operands(node);
  if (!places) return undefined;
  const left = node.inputs[places[0]] ?? '';
  const right = node.inputs[places[1]] ?? '';
  const [constLeft, constRight] = [flow.of(left).constant, flow.of(right).constant];
  if (constLeft === constRight) return undefined;
  return constRight ? left : right;
}

/** Operators that may stand between the probabilities and their product with the values. */
export const FORWARD = new Set([
  'Cast',
  'Identity',
  'Dropout',
  'Reshape',
  'Squeeze',
  'Unsqueeze',
  'Where',
  'Expand',
  'QuantizeLinear',
  'DequantizeLinear',
  'DynamicQuantizeLinear',
  'Mul',
  'Transpose',
  'Slice',
]);

/** Those of `FORWARD` after which the tensor is still [.., queries, keys], with the probabilities that the model uses. */
export const KEEPS_MEANING = new Set(['Cast', 'Identity', 'Dropout', 'Where', 'Mul', 'Slice']);

/** Operators that may stand between the product of queries and keys and the softmax. */
export const BACKWARD = new Set([
  'Add',
  'Mul',
  'Div',
  'Sub',
  'Where',
  'Cast',
  'Reshape',
  'Tanh',
  'Clip',
  'Concat',
  'Slice',
  'Identity',
  'Min',
  'Max',
  'Sum',
  'Squeeze',
  'Unsqueeze',
  'Transpose',
  'Expand',
  'DequantizeLinear',
  'QuantizeLinear',
  'Dropout',
  'Neg',
  'QLinearAdd',
  'QLinearMul',
]);

/** Operators that give the numbers of their first input in another layout: other dimensions, another order, repeated, or a part of them. */
export const LAYS_OUT = new Set([
  'Identity',
  'Unsqueeze',
  'Squeeze',
  'Reshape',
  'Expand',
  'Slice',
  'Transpose',
  'Flatten',
  'Tile',
]);

/** Operators that carry the same values on, perhaps in another shape, type or precision. */
export const SAME_VALUES = new Set([
  'Cast',
  'Identity',
  'Reshape',
  'Transpose',
  'Squeeze',
  'Unsqueeze',
  'Flatten',
  'DynamicQuantizeLinear',
  'QuantizeLinear',
  'DequantizeLinear',
  'Dropout',
]);
