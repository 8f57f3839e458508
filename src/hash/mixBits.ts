/**
 * The last step of MurmurHash3 (Appleby 2011): each bit of a 32-bit integer changes each bit of the result half the time.
 * @returns a signed 32-bit integer, which JavaScript engines keep without allocating
 */
export function mixBits(value: number): number {
  let bits = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}
