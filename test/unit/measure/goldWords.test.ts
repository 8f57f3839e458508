/** Gold links: the hand-aligned probe text, its words as tokens have them, and the score of an aligner, by hand. */
import { expect, test } from 'vitest';
import type { Token } from '../../../src/attention/types';
import { ALIGNED_PAIRS } from '../../../src/engine/headProbe/alignedPairs';
import { goldWords, readGold } from '../../../src/measure/alignment/goldWords';
import { LinkScore } from '../../../src/measure/alignment/linkScore';
import { wordLimits } from '../../../src/measure/words/limits';

const written = (text: string, special = false): Token => ({
  id: 1,
  text,
  special,
  start: -1,
  end: -1,
  partial: false,
});

const wordsOf = (text: string): readonly string[] => wordLimits(text).map(({ start, end }) => text.slice(start, end));

test('every link of the probe text is between words that are there, and each text has what is sure', () => {
  expect(ALIGNED_PAIRS.length).toBeGreaterThanOrEqual(10);
  for (const { english, french, sure, possible } of ALIGNED_PAIRS) {
    const [en, fr] = [wordsOf(english), wordsOf(french)];
    const links = [...readGold(sure, possible).possible].map((link) => link.split('-').map(Number));
    for (const [from = -1, to = -1] of links) {
      expect(en[from], `${english}: ${from}-${to}`).toBeDefined();
      expect(fr[to], `${french}: ${from}-${to}`).toBeDefined();
    }
    // Nothing of the French is left out, and the full stops go together.
    expect(new Set(links.map(([, to]) => to)).size, french).toBe(fr.length);
    expect(sure.split(' ').at(-1)).toBe(`${en.length - 1}-${fr.length - 1}`);
  }
});

test('the probe text’s links are of the words that they are meant to be of', () => {
  const named = (at: number): string => {
    const { english, french, sure } = ALIGNED_PAIRS[at] ?? { english: '', french: '', sure: '' };
    const [en, fr] = [wordsOf(english), wordsOf(french)];
    return sure
      .split(' ')
      .map((link) => link.split('-').map(Number))
      .map(([from = -1, to = -1]) => `${en[from]} ${fr[to]}`)
      .join(', ');
  };
  expect(named(2)).toBe('He Il, not pas, open ouvert, the la, letter lettre, . .');
  expect(named(4)).toBe(
    "This Cette, function fonction, returns renvoie, the le, name nom, of de, the l', current actuel, user utilisateur, . .",
  );
  expect(named(6)).toBe('I je, gave donné, her lui, the les, keys clés, yesterday Hier, . .');
});

test('gold words as tokens have them: a token of two words counts to the later, one in front is left', () => {
  const text = 'le chat, dort';
  const tokens = [
    written('<s>', true),
    written(' le'),
    written(' ch'),
    written('at,'),
    written(' dort'),
    written(' !'),
  ];
  expect(goldWords(tokens, text, wordLimits(text))).toEqual([
    { from: 1, to: 2, text: 'le', kind: 'word' },
    { from: 2, to: 3, text: 'chat', kind: 'word' },
    { from: 3, to: 4, text: ',', kind: 'punctuation' },
    { from: 4, to: 5, text: 'dort', kind: 'word' },
  ]);
  // Tokens with their place in the text, and a word of which no token is left.
  const placed = [{ ...written('le'), start: 0, end: 2 }];
  expect(goldWords(placed, text, wordLimits(text))?.map(({ from, to }) => to - from)).toEqual([1, 0, 0, 0]);
  expect(goldWords([written('LE CHAT')], text, wordLimits(text))).toBeUndefined();
});

test('an aligner’s score is 1 − AER of each word’s strongest link, and how much weight lies on what is possible', () => {
  const score = new LinkScore();
  expect(score.score).toBeNaN();
  // Three written words, three source words: the first looks at its own, the second at a possible one, the third elsewhere.
  const weights = Float32Array.from([0.75, 0.25, 0, 0, 0.5, 0.25, 0.5, 0.25, 0.25]);
  score.add(weights, 3, readGold('0-0 2-2', '1-1'));
  // Links 0-0, 1-1, 0-2: |A∩S| = 1, |A∩P| = 2, |A| = 3, |S| = 2.
  expect(score.score).toBeCloseTo((1 + 2) / (3 + 2), 10);
  expect(score.share).toBeCloseTo((0.75 + 0.5 + 0.25) / 3, 6);
});
