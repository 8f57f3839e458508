import { expect, test } from 'vitest';
import type { Token } from '../../../src/attention/types';
import { wordLimits } from '../../../src/measure/words/limits';
import { groupMatrix, sumKeys } from '../../../src/measure/words/group';
import { wordsOfGeneration, wordsOfText, type Word } from '../../../src/measure/words/words';

/** Tokens at the given pieces of a text, in order; `</s>`-like pieces are special. */
function tokensOf(text: string, pieces: readonly string[]): readonly Token[] {
  let at = 0;
  return pieces.map((piece, id) => {
    if (/^<.*>$/.test(piece)) return { id, text: piece, special: true, start: -1, end: -1, partial: false };
    const start = text.indexOf(piece, at);
    expect(start, piece).toBeGreaterThanOrEqual(0);
    at = start + piece.length;
    return { id, text: piece, special: false, start, end: at, partial: false };
  });
}

const shown = (words: readonly Word[]): string => words.map(({ text, kind }) => `${text}:${kind[0] ?? ''}`).join(' ');
const cuts = (words: readonly Word[]): readonly (readonly number[])[] => words.map(({ from, to }) => [from, to]);

test('limits of prose: punctuation apart, contractions whole, French elisions apart', () => {
  expect(wordLimits('It doesn’t, l’été !').map(({ start, end, word }) => [start, end, word])).toEqual([
    [0, 2, true],
    [3, 10, true],
    [10, 11, false],
    [12, 14, true],
    [14, 17, true],
    [18, 19, false],
  ]);
});

test('limits of code: identifiers are words, and a path of names is not one', () => {
  const text = 'foo_bar.$baz2(x) // it’s';
  expect(wordLimits(text, 'code').map(({ start, end }) => text.slice(start, end))).toEqual([
    'foo_bar',
    '.',
    '$baz2',
    '(',
    'x',
    ')',
    '/',
    '/',
    'it’s',
  ]);
});

test('Chinese, Japanese and Thai have words', () => {
  const cut = (text: string): readonly string[] => wordLimits(text).map(({ start, end }) => text.slice(start, end));
  expect(cut('我们喜欢音乐。')).toEqual(['我们', '喜欢', '音乐', '。']);
  expect(cut('東京に住む')).toEqual(['東京', 'に', '住む']);
  expect(cut('ภาษาไทย')).toEqual(['ภาษา', 'ไทย']);
});

test('pieces of a word are one word; what stands round a text stands alone', () => {
  const text = 'The animal didn’t cross.';
  const tokens = tokensOf(text, ['The', ' an', 'imal', ' didn', '’', 't', ' cross', '.', '</s>']);
  const words = wordsOfText(tokens, text);
  expect(shown(words)).toBe('The:w animal:w didn’t:w cross:w .:p </s>:s');
  expect(cuts(words)).toEqual([
    [0, 1],
    [1, 3],
    [3, 6],
    [6, 7],
    [7, 8],
    [8, 9],
  ]);
  expect(words[1]).toMatchObject({ start: 4, end: 10 });
});

test('a token over the limit of two words joins them', () => {
  const text = 'he said: "no"';
  expect(shown(wordsOfText(tokensOf(text, ['he', ' said', ':', ' "no', '"']), text))).toBe('he:w said:w ::p "no:w ":p');
});

test('white space goes with what follows, a line’s end stands alone', () => {
  const text = 'a  b\nc  ';
  const words = wordsOfText(tokensOf(text, ['a', ' ', ' b', '\n', 'c', '  ']), text);
  expect(cuts(words)).toEqual([
    [0, 1],
    [1, 3],
    [3, 4],
    [4, 5],
    [5, 6],
  ]);
});

test('bytes of one character are one word', () => {
  const byte = (id: number): Token => ({ id, text: '�', special: false, start: 0, end: 1, partial: true });
  expect(cuts(wordsOfText([byte(1), byte(2), byte(3)], 'é'))).toEqual([[0, 3]]);
});

test('generated text has the words that it spells', () => {
  const token = (text: string, special = false): Token => ({
    id: 0,
    text,
    special,
    start: -1,
    end: -1,
    partial: false,
  });
  const words = wordsOfGeneration([
    token('<pad>', true),
    token('L’'),
    token('an'),
    token('imal'),
    token(' n’'),
    token('a'),
    token(' pas'),
    token('.'),
    token('</s>', true),
  ]);
  expect(shown(words)).toBe('<pad>:s L’:w animal:w n’:w a:w pas:w .:p </s>:s');
});

test('every token is in one word, in order, whatever the text', () => {
  const texts = ['', ' ', '...', '👩‍👩‍👧‍👦 é́ a', 'אבג abc', 'a'.repeat(300), '\r\n\r\n', '“x”—y'];
  for (const text of texts) {
    for (const size of [1, 2, 3, 7]) {
      const pieces = text.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? [];
      for (const reading of ['prose', 'code'] as const) {
        const words = wordsOfText(tokensOf(text, pieces), text, reading);
        let at = 0;
        for (const { from, to } of words) {
          expect(from).toBe(at);
          expect(to).toBeGreaterThan(from);
          at = to;
        }
        expect(at).toBe(pieces.length);
      }
    }
  }
});

test('to a word the sum, from a word the mean, and rows still sum to 1', () => {
  // Two queries of three keys; both queries are one word, the last two keys another.
  const weights = Float32Array.from([0.5, 0.25, 0.25, 0.25, 0.5, 0.25]);
  const grouped = groupMatrix(
    weights,
    3,
    [{ from: 0, to: 2 }],
    [
      { from: 0, to: 1 },
      { from: 1, to: 3 },
    ],
  );
  expect([...grouped]).toEqual([0.375, 0.625]);
});

test('the weight of a word as a key is the sum over its tokens', () => {
  const out = new Float32Array(2);
  sumKeys(
    Float32Array.of(0.125, 0.25, 0.5, 0.125),
    [
      { from: 0, to: 1 },
      { from: 1, to: 4 },
    ],
    out,
  );
  expect([...out]).toEqual([0.125, 0.875]);
});
