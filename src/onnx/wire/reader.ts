/**
 * Protobuf's wire format, read lazily: only field headers are looked at, payloads are ranges of the file's bytes.
 * Every length is checked against the message it lies in, so a hostile file costs at most one walk over its headers.
 * Source: protobuf.dev/programming-guides/encoding.
 */
import { ExplainError } from '../../errors';
import { say } from '../../text/say';

export const WIRE = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/** A range [start, end) of the file. */
export interface ByteSpan {
  readonly start: number;
  readonly end: number;
}

/** A message inside another one: `tag` is where its field header begins, [start, end) its body. */
export interface MessageSpan extends ByteSpan {
  readonly tag: number;
}

/** @returns the error for a file that is not a readable ONNX model. */
export function invalidOnnx(reason: string): ExplainError {
  return new ExplainError('ONNX_INVALID', say('onnx.invalid', { reason }), {
    detail: reason,
  });
}

/** @returns the error for a file beyond what is looked at. */
export function tooLarge(reason: string): ExplainError {
  return new ExplainError('TOO_LARGE', say('onnx.tooLarge', { reason }), {
    detail: reason,
  });
}

/** Walks the fields of one message. After `next()` returned true, `field`, `wire` and the payload [start, end) describe the field. */
export class WireReader {
  field = 0;
  wire = 0;
  /** Where the field's header begins. */
  tag = 0;
  start = 0;
  end = 0;
  /** Of a varint: its value as a signed 64-bit integer, exact up to 2^53. */
  value = 0;
  /** True once the bytes ended before what they announce. */
  cut = false;
  readonly #bytes: Uint8Array;
  readonly #limit: number;
  #at: number;

  constructor(bytes: Uint8Array, span: ByteSpan) {
    this.#bytes = bytes;
    this.#at = span.start;
    this.#limit = span.end;
  }

  /** @throws ExplainError ONNX_INVALID */
  next(): boolean {
    if (this.#at >= this.#limit) return false;
    this.tag = this.#at;
    const key = this.#varint();
    if (key < 8 || key > 0xffff_ffff) throw invalidOnnx(say('onnx.reason.badHeader', { byte: this.tag }));
    this.field = Math.floor(key / 8);
    this.wire = key % 8;
    this.start = this.#at;
    switch (this.wire) {
      case WIRE.varint:
        this.value = this.#varint();
        break;
      case WIRE.fixed64:
        this.#skip(8);
        break;
      case WIRE.fixed32:
        this.#skip(4);
        break;
      case WIRE.bytes: {
        const length = this.#varint();
        this.start = this.#at;
        this.#skip(length);
        break;
      }
      default:
        throw invalidOnnx(say('onnx.reason.badWireType', { type: this.wire, byte: this.tag }));
    }
    this.end = this.#at;
    return true;
  }

  /** True where the field is a length-delimited one; a known field of another wire type is not what ONNX says. */
  bytesField(): ByteSpan {
    if (this.wire !== WIRE.bytes)
      throw invalidOnnx(say('onnx.reason.otherWireType', { field: this.field, byte: this.tag, type: this.wire }));
    return { start: this.start, end: this.end };
  }

  varintField(): number {
    if (this.wire !== WIRE.varint)
      throw invalidOnnx(say('onnx.reason.otherWireType', { field: this.field, byte: this.tag, type: this.wire }));
    return this.value;
  }

  text(): string {
    return readText(this.#bytes, this.bytesField());
  }

  float(): number {
    if (this.wire !== WIRE.fixed32)
      throw invalidOnnx(say('onnx.reason.otherWireType', { field: this.field, byte: this.tag, type: this.wire }));
    return new DataView(this.#bytes.buffer, this.#bytes.byteOffset + this.start, 4).getFloat32(0, true);
  }

  #skip(length: number): void {
    if (length < 0 || length > this.#limit - this.#at) {
      this.cut = length >= 0;
      throw invalidOnnx(say('onnx.reason.fieldPastEnd', { byte: this.tag }));
    }
    this.#at += length;
  }

  #varint(): number {
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.#at < this.#limit ? this.#bytes[this.#at] : undefined;
      if (byte === undefined) {
        this.cut = true;
        throw invalidOnnx(say('onnx.reason.numberCut', { byte: this.tag }));
      }
      this.#at++;
      const bits = byte & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high |= bits >>> 4;
      } else high |= bits << (shift - 32);
      if (byte < 0x80) return high * 0x1_0000_0000 + (low >>> 0);
    }
    throw invalidOnnx(say('onnx.reason.numberLong', { byte: this.tag }));
  }
}

const decoder = new TextDecoder();

/** UTF-8 text. A decoder is the fastest way even for short ASCII names (a third of building them by characters). */
export function readText(bytes: Uint8Array, span: ByteSpan): string {
  const length = span.end - span.start;
  if (length > MAX_TEXT) throw invalidOnnx(say('onnx.reason.nameLong', { length, byte: span.start }));
  return decoder.decode(bytes.subarray(span.start, span.end));
}

const MAX_TEXT = 65_536;
/** Repeated numbers longer than this are weights, not settings: they are not read. */
const MAX_INTS = 4096;

/** Appends a repeated int64's values, packed or not, to `into`. */
export function readInts(bytes: Uint8Array, reader: WireReader, into: number[]): void {
  if (reader.wire === WIRE.varint) {
    into.push(reader.value);
  } else {
    const packed = new PackedVarints(bytes, reader.bytesField());
    while (packed.next() && into.length < MAX_INTS) into.push(packed.value);
  }
  if (into.length >= MAX_INTS) into.length = MAX_INTS;
}

/** Varints one after another without headers. */
class PackedVarints {
  value = 0;
  readonly #bytes: Uint8Array;
  readonly #end: number;
  #at: number;

  constructor(bytes: Uint8Array, span: ByteSpan) {
    this.#bytes = bytes;
    this.#at = span.start;
    this.#end = span.end;
  }

  next(): boolean {
    if (this.#at >= this.#end) return false;
    let low = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#at < this.#end ? this.#bytes[this.#at] : undefined;
      if (byte === undefined) break;
      this.#at++;
      low |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) {
        this.value = Number(BigInt.asIntN(64, low));
        return true;
      }
    }
    throw invalidOnnx(say('onnx.reason.listCut'));
  }
}
