/** Hashes against the values that their authors publish. */
import { expect, test } from 'vitest';
import { FNV_START, fnvStep } from '../../../src/hash/fnv';
import { mixBits } from '../../../src/hash/mixBits';
import { sha256, textHash } from '../../../src/hash/sha256';

test('SHA-256 (FIPS 180-4, one block), of bytes and of a text', async () => {
  const abc = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
  expect(await sha256(Uint8Array.of(0x61, 0x62, 0x63))).toBe(abc);
  expect(await textHash('abc')).toBe(abc);
});

test.each([
  ['', 0x811c9dc5],
  ['a', 0xe40c292c],
  ['foobar', 0xbf9cf968],
])('FNV-1a of “%s”', (text, hash) => {
  expect([...new TextEncoder().encode(text)].reduce(fnvStep, FNV_START)).toBe(hash);
});

test('the last step of MurmurHash3', () => {
  expect([0, 1, 0xffff_ffff].map((value) => mixBits(value) >>> 0)).toEqual([0, 0x514e28b7, 0x81f16f39]);
});
