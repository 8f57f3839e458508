/** What the running text and the editor are coloured by while a word of the alignment is looked at. */
import { expect, test } from 'vitest';
import type { Token } from '../../../src/attention/types';
import { alignedReading } from '../../../src/measure/alignment/alignedReading';

const token = (text: string, more: Partial<Token> = {}): Token => ({
  id: 1,
  text,
  special: false,
  start: -1,
  end: -1,
  partial: false,
  ...more,
});
// The | cat (in two pieces) | </s>, and <pad> | Le | chat (in two pieces).
const tokens = {
  source: [token('The'), token(' c'), token('at', { joins: true }), token('</s>', { special: true })],
  target: [token('<pad>', { special: true }), token(' Le'), token(' ch'), token('at', { joins: true })],
};
const shares = { sourceWords: 3, data: Float32Array.from([0, 0, 0, 0.75, 0.25, 0, 0.125, 0.875, 0]) };

test('a piece of a written word lights up the words that the whole word was made from', () => {
  const reading = alignedReading(shares, tokens, 'words', { sequence: 'target', indices: [3] });
  expect(reading.sequence).toBe('source');
  expect([...reading.values]).toEqual([0.125, 0.875, 0]);
  // Between tokens each piece of the other word has the word's share.
  const pieces = alignedReading(shares, tokens, 'tokens', { sequence: 'target', indices: [2, 3] });
  expect([...pieces.values]).toEqual([0.125, 0.875, 0.875, 0]);
});

test('a source word lights up the written words that it went into, and of several words it is the mean', () => {
  const reading = alignedReading(shares, tokens, 'words', { sequence: 'source', indices: [1] });
  expect(reading.sequence).toBe('target');
  expect([...reading.values]).toEqual([0, 0.25, 0.875]);
  const both = alignedReading(shares, tokens, 'words', { sequence: 'target', indices: [1, 2] });
  expect([...both.values]).toEqual([0.4375, 0.5625, 0]);
});
