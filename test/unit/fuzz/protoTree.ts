/** A small ONNX file taken apart into its messages, to be changed and put together again with right lengths. */
import { WIRE, WireReader } from '../../../src/onnx/wire/reader';
import { varint } from '../../../src/onnx/wire/writer';

export interface Field {
  number: number;
  wire: number;
  /** A message's fields, or a payload as it stands in the file (a varint's bytes, a string's text, …). */
  content: Field[] | Uint8Array;
}

type Shape = Readonly<Record<number, () => Shape>>;

const tensor: Shape = {};
const attribute: Shape = { 5: () => tensor, 6: () => graph };
const node: Shape = { 5: () => attribute };
const valueInfo: Shape = { 2: () => ({ 1: () => ({ 2: () => ({ 1: () => ({}) }) }) }) };
const graph: Shape = { 1: () => node, 5: () => tensor, 11: () => valueInfo, 12: () => valueInfo };
const model: Shape = { 7: () => graph, 8: () => ({}) };

export function takeApart(bytes: Uint8Array, shape: Shape = model): Field[] {
  const fields: Field[] = [];
  const reader = new WireReader(bytes, { start: 0, end: bytes.length });
  while (reader.next()) {
    const payload = bytes.subarray(reader.start, reader.end);
    const inner = shape[reader.field];
    fields.push({
      number: reader.field,
      wire: reader.wire,
      content: inner && reader.wire === WIRE.bytes ? takeApart(payload, inner()) : payload,
    });
  }
  return fields;
}

export function putTogether(fields: readonly Field[]): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const { number, wire, content } of fields) {
    const payload = content instanceof Uint8Array ? content : putTogether(content);
    parts.push(varint(number * 8 + wire));
    if (wire === WIRE.bytes) parts.push(varint(payload.length));
    parts.push(payload);
  }
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** Every list of fields in the tree, outermost first. */
export function messages(fields: Field[]): Field[][] {
  return [fields, ...fields.flatMap(({ content }) => (content instanceof Uint8Array ? [] : messages(content)))];
}
