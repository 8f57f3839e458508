/**
 * FNV-1a with 32 bits (Fowler, Noll and Vo, draft-eastlake-fnv): a quick hash that tells contents apart. Anybody can make two
 * contents of one hash, so nothing that has to be safe may rest on it.
 */

/** The hash of nothing, which `fnvStep` begins with. */
export const FNV_START = 0x811c9dc5;
const PRIME = 0x01000193;

/** The hash after one more number: a byte, or any integer of 32 bits. @returns 0 to 2^32 − 1 */
export const fnvStep = (hash: number, value: number): number => Math.imul(hash ^ value, PRIME) >>> 0;
