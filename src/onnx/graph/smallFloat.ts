/** A single floating-point constant of a graph, such as the ε of a norm. */
import { FIELD, readTensor, type TensorInfo } from '../wire/proto';
import { WIRE, WireReader } from '../wire/reader';
import type { Graph } from './graph';

/** @returns the value of a one-element float32 or float64 constant, or undefined where it is not one or its data are elsewhere. */
export function smallFloat(graph: Graph, name: string): number | undefined {
  const node = graph.producer.get(name);
  if (node && node.op !== 'Constant') return undefined;
  const span = node?.attribute('value')?.tensor;
  if (span) return scalarOf(graph.bytes, readTensor(graph.bytes, span));
  if (node) return node.float('value_float');
  const tensor = graph.initializers.get(name);
  if (tensor) return scalarOf(graph.bytes, tensor);
  return graph.parent ? smallFloat(graph.parent, name) : undefined;
}

function scalarOf(bytes: Uint8Array, tensor: TensorInfo): number | undefined {
  if (tensor.external !== undefined || tensor.dims.reduce((product, dim) => product * dim, 1) !== 1) return undefined;
  const reader = new WireReader(bytes, tensor.span);
  while (reader.next()) {
    const packed = reader.wire === WIRE.bytes;
    if (reader.field === FIELD.tensor.floatData && reader.wire === WIRE.fixed32) return reader.float();
    if (!packed || (reader.field !== FIELD.tensor.raw && reader.field !== FIELD.tensor.floatData)) continue;
    const { start, end } = reader.bytesField();
    const view = new DataView(bytes.buffer, bytes.byteOffset + start, end - start);
    if (tensor.type === 1 && end - start === 4) return view.getFloat32(0, true);
    if (tensor.type === 11 && end - start === 8) return view.getFloat64(0, true);
  }
  return undefined;
}
