/**
 * The parts of onnx.proto that the tap needs: field numbers, element types, attributes, tensors' headers, value infos.
 * Source: github.com/onnx/onnx, onnx/onnx.proto.
 */
import type { ElementType } from '../types';
import { invalidOnnx, readInts, readText, WIRE, WireReader, type ByteSpan } from './reader';
import { say } from '../../text/say';

export const FIELD = {
  model: { graph: 7, opset: 8, functions: 25 },
  opset: { domain: 1, version: 2 },
  graph: { node: 1, name: 2, initializer: 5, input: 11, output: 12, valueInfo: 13, sparseInitializer: 15 },
  node: { input: 1, output: 2, name: 3, op: 4, attribute: 5, domain: 7 },
  attribute: { name: 1, f: 2, i: 3, s: 4, t: 5, g: 6, floats: 7, ints: 8, graphs: 11, type: 20 },
  tensor: { dims: 1, type: 2, floatData: 4, int32Data: 5, int64Data: 7, name: 8, raw: 9, external: 13, location: 14 },
  valueInfo: { name: 1, type: 2 },
  function: { name: 1, node: 7, domain: 10 },
} as const;

/** TensorProto.DataType by number. */
export const ELEMENT_TYPES: readonly (ElementType | undefined)[] = [
  undefined,
  'float32',
  'uint8',
  'int8',
  'uint16',
  'int16',
  'int32',
  'int64',
  'string',
  'bool',
  'float16',
  'float64',
  'uint32',
  'uint64',
  undefined,
  undefined,
  undefined,
  undefined,
  undefined,
  undefined,
  undefined,
  'uint4',
  'int4',
];

export const FLOAT = 1;
export const INT64 = 7;

/** A tensor's header; its data stay where they are. */
export interface TensorInfo {
  readonly name: string;
  readonly dims: readonly number[];
  /** TensorProto.DataType. */
  readonly type: number;
  /** The whole TensorProto. */
  readonly span: ByteSpan;
  /** The external file that holds the data, or undefined. */
  readonly external: string | undefined;
}

/** A declared value: an input, an output, or a value info. */
export interface ValueInfo {
  readonly name: string;
  /** TensorProto.DataType; 0 where it is not a tensor or not said. */
  readonly type: number;
  /** A number, a symbolic name, or '' where the dimension says nothing; null where there is no shape. */
  readonly dims: readonly (number | string)[] | null;
}

const MAX_RANK = 64;

/** Reads a TensorProto's header. */
export function readTensor(bytes: Uint8Array, span: ByteSpan): TensorInfo {
  const reader = new WireReader(bytes, span);
  let name = '';
  let type = 0;
  let external: string | undefined;
  const dims: number[] = [];
  while (reader.next()) {
    switch (reader.field) {
      case FIELD.tensor.dims:
        readInts(bytes, reader, dims);
        break;
      case FIELD.tensor.type:
        type = reader.varintField();
        break;
      case FIELD.tensor.name:
        name = reader.text();
        break;
      case FIELD.tensor.external:
        external = readEntry(bytes, reader.bytesField(), 'location') ?? external;
        break;
    }
  }
  if (dims.length > MAX_RANK || dims.some((dim) => dim < 0))
    throw invalidOnnx(say('onnx.reason.impossibleDimensions', { name }));
  return { name, dims, type, span, external };
}

/** A StringStringEntryProto's value if its key is `key`. */
function readEntry(bytes: Uint8Array, span: ByteSpan, key: string): string | undefined {
  const reader = new WireReader(bytes, span);
  let found = '';
  let value = '';
  while (reader.next()) {
    if (reader.field === 1) found = reader.text();
    else if (reader.field === 2) value = reader.text();
  }
  return found === key ? value : undefined;
}

const MAX_SMALL = 64;

/** @returns the elements of a small integer tensor (a shape, axes, …), or undefined where it is not one or its data are elsewhere. */
export function readSmallInts(bytes: Uint8Array, tensor: TensorInfo): number[] | undefined {
  const count = tensor.dims.reduce((product, dim) => product * dim, 1);
  if (count > MAX_SMALL || tensor.external !== undefined || (tensor.type !== INT64 && tensor.type !== 6))
    return undefined;
  const out: number[] = [];
  const reader = new WireReader(bytes, tensor.span);
  while (reader.next()) {
    if (reader.field === FIELD.tensor.int64Data || reader.field === FIELD.tensor.int32Data)
      readInts(bytes, reader, out);
    else if (reader.field === FIELD.tensor.raw) {
      const { start, end } = reader.bytesField();
      const size = tensor.type === INT64 ? 8 : 4;
      const view = new DataView(bytes.buffer, bytes.byteOffset + start, end - start);
      for (let at = 0; at + size <= end - start && out.length < MAX_SMALL; at += size) {
        out.push(size === 8 ? Number(view.getBigInt64(at, true)) : view.getInt32(at, true));
      }
    }
  }
  return out.length === count ? out : undefined;
}

/** Reads a ValueInfoProto: name, element type and dimensions of a tensor (also of an optional one). */
export function readValueInfo(bytes: Uint8Array, span: ByteSpan): ValueInfo {
  const reader = new WireReader(bytes, span);
  let name = '';
  let type = 0;
  let dims: (number | string)[] | null = null;
  while (reader.next()) {
    if (reader.field === FIELD.valueInfo.name) name = reader.text();
    else if (reader.field === FIELD.valueInfo.type) {
      const tensor = new WireReader(bytes, reader.bytesField()); // TypeProto
      while (tensor.next()) {
        if (tensor.field !== 1) continue; // tensor_type
        const parts = new WireReader(bytes, tensor.bytesField());
        while (parts.next()) {
          if (parts.field === 1) type = parts.varintField();
          else if (parts.field === 2) dims = readShape(bytes, parts.bytesField());
        }
      }
    }
  }
  return { name, type, dims };
}

function readShape(bytes: Uint8Array, span: ByteSpan): (number | string)[] {
  const out: (number | string)[] = [];
  const reader = new WireReader(bytes, span);
  while (reader.next()) {
    if (reader.field !== 1) continue;
    let dim: number | string = '';
    const parts = new WireReader(bytes, reader.bytesField());
    while (parts.next()) {
      if (parts.field === 1) dim = parts.varintField();
      else if (parts.field === 2) dim = parts.text();
    }
    out.push(dim);
    if (out.length > MAX_RANK) throw invalidOnnx(say('onnx.reason.manyDimensions'));
  }
  return out;
}

/** A node's attribute, its payload still in the file. */
export interface Attribute {
  readonly name: string;
  readonly i: number | undefined;
  readonly f: number | undefined;
  readonly s: ByteSpan | undefined;
  readonly tensor: ByteSpan | undefined;
  readonly ints: readonly number[];
  readonly graphs: readonly (ByteSpan & { readonly tag: number })[];
}

/** Reads an AttributeProto; its tensors, graphs and texts stay in the file. */
export function readAttribute(bytes: Uint8Array, span: ByteSpan): Attribute {
  const reader = new WireReader(bytes, span);
  let name = '';
  let i: number | undefined;
  let f: number | undefined;
  let s: ByteSpan | undefined;
  let tensor: ByteSpan | undefined;
  const ints: number[] = [];
  const graphs: (ByteSpan & { tag: number })[] = [];
  while (reader.next()) {
    switch (reader.field) {
      case FIELD.attribute.name:
        name = reader.text();
        break;
      case FIELD.attribute.i:
        i = reader.varintField();
        break;
      case FIELD.attribute.f:
        if (reader.wire === WIRE.fixed32) f = reader.float();
        break;
      case FIELD.attribute.s:
        s = reader.bytesField();
        break;
      case FIELD.attribute.t:
        tensor = reader.bytesField();
        break;
      case FIELD.attribute.ints:
        readInts(bytes, reader, ints);
        break;
      case FIELD.attribute.g:
      case FIELD.attribute.graphs:
        graphs.push({ ...reader.bytesField(), tag: reader.tag });
        break;
    }
  }
  return { name, i, f, s, tensor, ints, graphs };
}

/** The text of a string attribute; '' where there is none. */
export function attributeText(bytes: Uint8Array, attribute: Attribute | undefined): string {
  return attribute?.s ? readText(bytes, attribute.s) : '';
}
