/** Numbers of constants: single numbers that masks are made with, and rows of embedding tables. */
import type { Graph } from '../graph/graph';
import { FIELD, readTensor, type TensorInfo } from '../wire/proto';
import { WireReader } from '../wire/reader';

/** Reads `length` bytes of an external data file from `offset` on; undefined where they are not at hand. */
export type ExternalBytes = (path: string, offset: number, length: number) => Uint8Array | undefined;

/** Bytes of an element, by TensorProto.DataType. */
const SIZE: Readonly<Record<number, number>> = { 1: 4, 2: 1, 3: 1, 6: 4, 7: 8, 9: 1, 10: 2, 11: 8, 16: 2 };

/** A constant's bytes in the form of `raw_data`, from `offset` on; undefined where the file keeps them in another form. */
function rawBytes(
  bytes: Uint8Array,
  tensor: TensorInfo,
  offset: number,
  length: number,
  external?: ExternalBytes,
): Uint8Array | undefined {
  const reader = new WireReader(bytes, tensor.span);
  let start = 0;
  while (reader.next()) {
    if (reader.field === FIELD.tensor.raw) {
      const raw = reader.bytesField();
      return offset + length <= raw.end - raw.start
        ? bytes.subarray(raw.start + offset, raw.start + offset + length)
        : undefined;
    }
    if (reader.field === FIELD.tensor.external) {
      const entry = new WireReader(bytes, reader.bytesField());
      const parts: string[] = [];
      while (entry.next()) if (entry.field === 1 || entry.field === 2) parts.push(entry.text());
      if (parts[0] === 'offset') start = Number(parts[1]);
    }
  }
  if (tensor.external === undefined || !Number.isSafeInteger(start) || start < 0) return undefined;
  return external?.(tensor.external, start + offset, length);
}

/** The header of an initializer, or of a Constant node's value. */
function tensorOf(graph: Graph, name: string): TensorInfo | undefined {
  const node = graph.producer.get(name);
  if (!node) return graph.initializer(name);
  const value = node.op === 'Constant' ? node.attribute('value')?.tensor : undefined;
  return value && readTensor(graph.bytes, value);
}

/** The number that a constant of one element holds; undefined where it is none or its data are elsewhere. */
export function numberOf(graph: Graph, name: string): number | undefined {
  const node = graph.producer.get(name);
  if (node?.op === 'Constant') {
    const plain = node.float('value_float') ?? node.int('value_int');
    if (plain !== undefined) return plain;
  }
  if (node && (node.op === 'Cast' || node.op === 'Identity')) return numberOf(graph, node.inputs[0] ?? '');
  const tensor = tensorOf(graph, name);
  const size = SIZE[tensor?.type ?? 0];
  if (!tensor || size === undefined || tensor.dims.some((dim) => dim !== 1)) return graph.smallInts(name)?.[0];
  const raw = rawBytes(graph.bytes, tensor, 0, size);
  if (!raw) return graph.smallInts(name)?.[0] ?? typedNumber(graph.bytes, tensor);
  const view = new DataView(raw.buffer, raw.byteOffset, size);
  switch (tensor.type) {
    case 1:
      return view.getFloat32(0, true);
    case 11:
      return view.getFloat64(0, true);
    case 10:
      return half(view.getUint16(0, true));
    case 6:
      return view.getInt32(0, true);
    case 7:
      return Number(view.getBigInt64(0, true));
    case 3:
      return view.getInt8(0);
    case 2:
    case 9:
      return view.getUint8(0);
    default:
      return undefined;
  }
}

/** A float that stands in `float_data`. */
function typedNumber(bytes: Uint8Array, tensor: TensorInfo): number | undefined {
  const reader = new WireReader(bytes, tensor.span);
  while (reader.next()) {
    if (reader.field !== FIELD.tensor.floatData) continue;
    const { start, end } = reader.bytesField();
    return end - start === 4 ? new DataView(bytes.buffer, bytes.byteOffset + start, 4).getFloat32(0, true) : undefined;
  }
  return undefined;
}

function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : Number.NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/**
 * True where every element of a table's row is the same, as the row of an embedding's padding index is (all zeros; in quantised
 * tables the zero point); undefined where the row cannot be read.
 */
export function isFlatRow(graph: Graph, table: TensorInfo, row: number, external?: ExternalBytes): boolean | undefined {
  const [rows = 0, width = 0] = table.dims;
  const size = SIZE[table.type];
  if (size === undefined || table.dims.length !== 2 || row < 0 || row >= rows || width < 2) return undefined;
  const bytes = rawBytes(graph.bytes, table, row * width * size, width * size, external);
  return bytes?.every((byte, at) => byte === bytes[at % size]);
}
