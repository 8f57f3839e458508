/** Protobuf's wire format, written: small messages (nodes, outputs) that are appended to a model. */
import { WIRE } from './reader';

const encoder = new TextEncoder();

/** @returns the bytes of an unsigned varint. */
export function varint(value: number): Uint8Array {
  const out: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    out.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  out.push(rest);
  return Uint8Array.from(out);
}

/** Collects the fields of one message. */
export class WireWriter {
  readonly #parts: Uint8Array[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  raw(bytes: Uint8Array): this {
    this.#parts.push(bytes);
    this.#length += bytes.length;
    return this;
  }

  /** A non-negative integer, or a negative one as int64 (ten bytes). */
  int(field: number, value: number | bigint): this {
    this.raw(varint(field * 8 + WIRE.varint));
    if (value >= 0 && value <= Number.MAX_SAFE_INTEGER) return this.raw(varint(Number(value)));
    let rest = BigInt.asUintN(64, BigInt(value));
    const out: number[] = [];
    for (; rest >= 0x80n; rest >>= 7n) out.push(Number(rest & 0x7fn) | 0x80);
    out.push(Number(rest));
    return this.raw(Uint8Array.from(out));
  }

  float(field: number, value: number): this {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setFloat32(0, value, true);
    return this.raw(varint(field * 8 + WIRE.fixed32)).raw(bytes);
  }

  bytes(field: number, body: Uint8Array): this {
    return this.raw(varint(field * 8 + WIRE.bytes))
      .raw(varint(body.length))
      .raw(body);
  }

  text(field: number, value: string): this {
    return this.bytes(field, encoder.encode(value));
  }

  message(field: number, body: WireWriter): this {
    return this.bytes(field, body.done());
  }

  done(): Uint8Array {
    return concat(this.#parts, this.#length);
  }
}

/** @returns the parts one after another in one new array. */
export function concat(
  parts: readonly Uint8Array[],
  length = parts.reduce((sum, part) => sum + part.length, 0),
): Uint8Array {
  const out = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
