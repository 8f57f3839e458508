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

/** The same tree in new lists and fields, to be changed; payloads are shared, for a mutation puts new ones in their place. */
export function copyTree(fields: readonly Field[]): Field[] {
  return fields.map(({ number, wire, content }) => ({
    number,
    wire,
    content: content instanceof Uint8Array ? content : copyTree(content),
  }));
}

/** One buffer, filled from its end: a message's length is known when its fields stand. */
export function putTogether(fields: readonly Field[]): Uint8Array {
  const out = new Uint8Array(mostBytes(fields));
  return out.subarray(fill(out, out.length, fields));
}

/** Of a tag and a length, which are varints of at most ten bytes each. */
const MOST_HEADER = 20;

function mostBytes(fields: readonly Field[]): number {
  let sum = 0;
  for (const { content } of fields)
    sum += MOST_HEADER + (content instanceof Uint8Array ? content.length : mostBytes(content));
  return sum;
}

/** Writes the fields so that they end at `end`. @returns where they start */
function fill(out: Uint8Array, end: number, fields: readonly Field[]): number {
  let at = end;
  const put = (bytes: Uint8Array): void => {
    at -= bytes.length;
    out.set(bytes, at);
  };
  for (let i = fields.length - 1; i >= 0; i--) {
    const field = fields[i];
    if (!field) continue;
    const { number, wire, content } = field;
    const after = at;
    if (content instanceof Uint8Array) put(content);
    else at = fill(out, at, content);
    if (wire === WIRE.bytes) put(varint(after - at));
    put(varint(number * 8 + wire));
  }
  return at;
}

/** Every list of fields in the tree, outermost first. */
export function messages(fields: Field[]): Field[][] {
  const all = [fields];
  for (const message of all) for (const { content } of message) if (!(content instanceof Uint8Array)) all.push(content);
  return all;
}
