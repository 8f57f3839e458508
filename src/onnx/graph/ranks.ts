/** Numbers of dimensions, told from operators without running them. */
import type { Facts } from './facts';
import type { Graph } from './graph';
import type { GraphNode } from './node';
import { readTensor } from '../wire/proto';

/** @returns the rank of a node's first output, or -1 where it cannot be told. */
export function tensorRank(node: GraphNode, facts: readonly Facts[]): number {
  const rank = (i: number): number => facts[i]?.rank ?? -1;
  const widest = (): number =>
    facts.some((part, i) => part.rank < 0 && node.inputs[i] !== '')
      ? -1
      : facts.reduce((most, part) => Math.max(most, part.rank), -1);
  switch (node.op) {
    case 'ConstantOfShape':
      return facts[0]?.vector?.length ?? -1;
    case 'Transpose':
      return node.ints('perm')?.length ?? rank(0);
    case 'Reshape':
      return facts[1]?.vector?.length ?? -1;
    case 'Expand': {
      const target = facts[1]?.vector?.length ?? -1;
      return target < 0 ? -1 : Math.max(rank(0), target);
    }
    case 'Unsqueeze':
    case 'Squeeze': {
      const axes = facts[1]?.vector?.length ?? node.ints('axes')?.length ?? -1;
      if (axes < 0 || rank(0) < 0) return -1;
      return node.op === 'Unsqueeze' ? rank(0) + axes : Math.max(0, rank(0) - axes);
    }
    case 'Gather':
      return rank(0) < 0 || rank(1) < 0 ? -1 : rank(0) + rank(1) - 1;
    case 'GatherElements':
      return rank(0);
    case 'MatMul':
    case 'FusedMatMul':
    case 'MatMulInteger':
    case 'MatMulIntegerToFloat':
    case 'DynamicQuantizeMatMul':
      return matrixRank(rank(0), rank(1));
    case 'QLinearMatMul':
      return rank(0) >= 2 && rank(3) >= 2 ? Math.max(rank(0), rank(3)) : -1;
    case 'QLinearAdd':
    case 'QLinearMul':
      return rank(0) >= 0 && rank(3) >= 0 ? Math.max(rank(0), rank(3)) : -1;
    case 'Gemm':
      return 2;
    case 'Einsum': {
      const result = node.text('equation').split('->')[1];
      return result === undefined || result.includes('.') ? -1 : result.replace(/\s/g, '').length;
    }
    case 'Shape':
    case 'Range':
      return 1;
    case 'EmbedLayerNormalization':
      return 3;
    case 'Size':
      return 0;
    case 'Add':
    case 'Sub':
    case 'Mul':
    case 'Div':
    case 'Pow':
    case 'Min':
    case 'Max':
    case 'Where':
    case 'And':
    case 'Or':
    case 'Equal':
    case 'Less':
    case 'LessOrEqual':
    case 'Greater':
    case 'GreaterOrEqual': {
      // A mask of unknown rank does not widen scores of rank 4: known rank 4 is taken as the answer.
      const known = facts.reduce((most, part) => Math.max(most, part.rank), -1);
      const all = widest();
      if (all >= 0) return all;
      return known >= 4 ? known : -1;
    }
    case 'ReduceMean':
    case 'ReduceSum':
    case 'ReduceMax':
    case 'ReduceMin':
    case 'ReduceL1':
    case 'ReduceLogSumExp':
      return (node.int('keepdims') ?? 1) === 1
        ? rank(0)
        : Math.max(-1, rank(0) - (facts[1]?.vector?.length ?? node.ints('axes')?.length ?? 99));
    default:
      return KEEPS_RANK.has(node.op) ? rank(0) : -1;
  }
}

/** @returns the rank of a Constant node's value, or -1. */
export function constantRank(graph: Graph, node: GraphNode): number {
  const tensor = node.attribute('value')?.tensor;
  if (tensor) return readTensor(graph.bytes, tensor).dims.length;
  if (node.attribute('value_int') || node.attribute('value_float')) return 0;
  if (node.attribute('value_ints') || node.attribute('value_floats')) return 1;
  return -1;
}

const KEEPS_RANK = new Set([
  'Identity',
  'Cast',
  'CastLike',
  'Dropout',
  'Softmax',
  'LogSoftmax',
  'LpNormalization',
  'BiasSoftmax',
  'QLinearSoftmax',
  'Neg',
  'Sqrt',
  'Reciprocal',
  'Tanh',
  'Sigmoid',
  'Erf',
  'Exp',
  'Log',
  'Cos',
  'Sin',
  'Clip',
  'Relu',
  'Gelu',
  'FastGelu',
  'BiasGelu',
  'QuickGelu',
  'Abs',
  'Not',
  'IsNaN',
  'Trilu',
  'Tile',
  'Pad',
  'Slice',
  'Split',
  'Concat',
  'CumSum',
  'LayerNormalization',
  'SimplifiedLayerNormalization',
  'RMSNormalization',
  'SkipLayerNormalization',
  'SkipSimplifiedLayerNormalization',
  'QuantizeLinear',
  'DequantizeLinear',
  'DynamicQuantizeLinear',
  'MatMulNBits',
  'MatMulBnb4',
  'RotaryEmbedding',
  'ScatterND',
  'ScatterElements',
  'MultiHeadAttention',
  'GroupQueryAttention',
  'Attention',
]);

/** The rank of a product of two matrices, also where one of them is not known and the other has batches; or -1. */
function matrixRank(one: number, other: number): number {
  const most = Math.max(one, other);
  return (one >= 2 && other >= 2) || most >= 3 ? most : -1;
}
