/** How large a model's weights are, from their headers: no weight is read. */
import type { Graph } from './graph';
import type { TensorInfo } from '../wire/proto';

/** Bits of an element, by TensorProto.DataType. */
const BITS: Readonly<Record<number, number>> = {
  1: 32,
  2: 8,
  3: 8,
  4: 16,
  5: 16,
  6: 32,
  7: 64,
  9: 8,
  10: 16,
  11: 64,
  12: 32,
  13: 64,
  16: 16,
  17: 8,
  18: 8,
  19: 8,
  20: 8,
  21: 4,
  22: 4,
};

function bytesOf({ dims, type }: TensorInfo): number {
  return Math.ceil((dims.reduce((product, dim) => product * dim, 1) * (BITS[type] ?? 0)) / 8);
}

/** The largest single weight of a model, its branches included; its size in bytes as the runtime holds it. */
export function largestWeight(graph: Graph): { readonly name: string; readonly bytes: number } {
  let largest = { name: '', bytes: 0 };
  for (const part of graph.all()) {
    for (const tensor of part.initializers.values()) {
      const bytes = bytesOf(tensor);
      if (bytes > largest.bytes) largest = { name: tensor.name, bytes };
    }
  }
  return largest;
}
