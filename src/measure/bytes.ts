/**
 * Numbers as bytes of a measure's fixed scale, for matrices too large to travel exactly: a byte is the index of its
 * colour. Unsigned: round(255·v / most). Signed: 128 is zero, 1 and 255 are the ends.
 */
import { reachOf, type Measure } from './measure';

const SIGNED_ZERO = 128;
const SIGNED_STEPS = 127;

/** The byte of 0, which is also what hidden and missing cells are. */
export const zeroByte = ({ signed }: Measure): number => (signed ? SIGNED_ZERO : 0);

/** The byte of a number; what is beyond the scale's ends is at its end, and what is no number is zero. */
export function toByte(value: number, measure: Measure): number {
  const share = Number.isNaN(value) ? 0 : Math.min(1, Math.max(-1, value / reachOf(measure)));
  return measure.signed ? SIGNED_ZERO + Math.round(share * SIGNED_STEPS) : Math.round(Math.max(0, share) * 255);
}

/** The number that a byte stands for, within half a step of the scale. */
export function fromByte(byte: number, measure: Measure): number {
  const share = measure.signed ? (byte - SIGNED_ZERO) / SIGNED_STEPS : byte / 255;
  return share * reachOf(measure);
}

/** Every number as its byte. */
export function toBytes(values: Float32Array, measure: Measure): Uint8Array {
  const out = new Uint8Array(values.length);
  for (let i = 0; i < values.length; i++) out[i] = toByte(values[i] as number, measure); // i < length
  return out;
}
