import { describe, expect, it } from 'vitest';
import type { Token } from '../../../src/attention/types';
import { sentenceRanges } from '../../../src/measure/sentenceRanges';

const token = (text: string, special = false): Token => ({ id: 0, text, special, start: -1, end: -1, partial: false });

describe('sentences of tokens', () => {
  it('are ranges without special tokens; the space before a word is the word’s', () => {
    const tokens = [
      token('<s>', true),
      ...['The', ' cat', ' sat', '.', ' It', ' slept', '!', ' Why', '?'].map((text) => token(text)),
      token('</s>', true),
    ];
    expect(sentenceRanges(tokens)).toEqual([
      { from: 1, to: 5 },
      { from: 5, to: 8 },
      { from: 8, to: 10 },
    ]);
  });

  it('of one without an end, of nothing, and of Japanese', () => {
    expect(sentenceRanges([token('no'), token(' end')])).toEqual([{ from: 0, to: 2 }]);
    expect(sentenceRanges([])).toEqual([]);
    expect(sentenceRanges([token('</s>', true)])).toEqual([]);
    expect(sentenceRanges(['猫', 'です', '。', '犬', 'です', '。'].map((text) => token(text)))).toEqual([
      { from: 0, to: 3 },
      { from: 3, to: 6 },
    ]);
  });
});
