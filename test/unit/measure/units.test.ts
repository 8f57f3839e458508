/** Words as marks on tokens, and what stands along an axis. */
import { describe, expect, test } from 'vitest';
import type { Token } from '../../../src/attention/types';
import { axisWithin, hasWords, unitAt, unitsOf, wholeUnits } from '../../../src/measure/units';
import { markWords, markWritten, spansOf } from '../../../src/measure/words/joins';
import { wordsOfText } from '../../../src/measure/words/words';

const token = (text: string, more: Partial<Token> = {}): Token => ({
  id: 0,
  text,
  special: false,
  start: -1,
  end: -1,
  partial: false,
  ...more,
});
const special = (text: string): Token => token(text, { special: true });

/** Writes tokens one after another, as a generation does. */
function written(tokens: readonly Token[]): readonly Token[] {
  return tokens.reduce<readonly Token[]>((before, next) => markWritten([...before, next], before.length), []);
}
const texts = (tokens: readonly Token[]): readonly string[] => unitsOf(tokens, 'words').map(({ text }) => text);

describe('words of a text that is being written', () => {
  test('a token that goes on with a word says so; one that completes it tells those before it anew', () => {
    const tokens = ['<pad>', ' didn', '’', 't', ' go', '.', '</s>'].map((text) =>
      text.startsWith('<') ? special(text) : token(text),
    );
    const before = written(tokens.slice(0, 3));
    expect(texts(before)).toEqual(['<pad>', ' didn', '’']);
    const after = markWritten([...before, token('t')], 3);
    expect(texts(after)).toEqual(['<pad>', ' didn’t']);
    // What reads as before is the same object: only the rest is told anew.
    expect([after[0] === before[0], after[1] === before[1], after[2] === before[2]]).toEqual([true, true, false]);
    expect(texts(written(tokens))).toEqual(['<pad>', ' didn’t', ' go', '.', '</s>']);
  });

  test('written one by one or read at once: the same words', () => {
    const pieces = [
      'L',
      '’',
      'an',
      'imal',
      ' n',
      '’',
      'a',
      ' pas',
      ' traver',
      'sé',
      ',',
      ' 我',
      '们',
      '喜欢',
      '音乐',
      '!',
    ];
    const tokens = pieces.map((text) => token(text));
    expect(texts(written(tokens))).toEqual(texts(markWritten(tokens, 0)));
    expect(texts(written(tokens))).toEqual([
      'L’',
      'animal',
      ' n’',
      'a',
      ' pas',
      ' traversé',
      ',',
      ' 我们',
      '喜欢',
      '音乐',
      '!',
    ]);
  });

  test('where its last tokens are taken away the word is what is left of it', () => {
    const whole = written(['don', '’', 't'].map((text) => token(text)));
    expect(texts(whole)).toEqual(['don’t']);
    expect(texts(markWritten(whole.slice(0, 2), 2))).toEqual(['don', '’']);
  });

  test('tokens that share a character spell it once', () => {
    const part = (index: number): Token => token('今', { partial: true, parts: [{ index, of: 3 }] });
    const tokens = written([token('a'), part(1), part(2), part(3), token(' b')]);
    expect(spansOf(tokens)).toEqual([
      { from: 0, to: 1 },
      { from: 1, to: 4 },
      { from: 4, to: 5 },
    ]);
    expect(texts(tokens)).toEqual(['a', '今', ' b']);
  });
});

describe('units', () => {
  const text = 'The animal slept.';
  const at = (piece: string): Token =>
    token(piece, { start: text.indexOf(piece), end: text.indexOf(piece) + piece.length });
  const plain = [special('<s>'), at('The'), at(' an'), at('imal'), at(' slept'), at('.'), special('</s>')];
  const tokens = markWords(plain, wordsOfText(plain, text));

  test('a word is its tokens, their text and their place', () => {
    const units = unitsOf(tokens, 'words');
    expect(units.map(({ from, to }) => [from, to])).toEqual([
      [0, 1],
      [1, 2],
      [2, 4],
      [4, 5],
      [5, 6],
      [6, 7],
    ]);
    expect(units[2]).toMatchObject({ text: ' animal', start: 3, end: 10, special: false });
    expect(units[0]?.special).toBe(true);
    expect(unitsOf(tokens, 'tokens')).toHaveLength(7);
    expect(unitsOf(tokens, 'words')).toBe(units);
  });

  test('a token is in one unit, and a focus on a part of a word is on the word', () => {
    const units = unitsOf(tokens, 'words');
    expect(tokens.map((_, index) => unitAt(units, index))).toEqual([0, 1, 2, 2, 3, 4, 5]);
    expect([unitAt(units, -1), unitAt(units, 7), unitAt([], 0)]).toEqual([-1, -1, -1]);
    expect(wholeUnits(units, [5, 3])).toEqual([2, 3, 5]);
    expect(wholeUnits(unitsOf(tokens, 'tokens'), [3, 99])).toEqual([3]);
  });

  test('a text of punctuation, blanks and special tokens has no words', () => {
    expect(hasWords(tokens)).toBe(true);
    expect(hasWords([special('<s>'), token('…'), token('  '), token('?!')])).toBe(false);
  });
});

test('words are shown where they are chosen and one of the texts has some', () => {
  const [some, none] = [[token('word')], [token('…')]];
  expect(axisWithin('words', some, none)).toBe('words');
  expect(axisWithin('words', none, some)).toBe('words');
  expect(axisWithin('words', none, none)).toBe('tokens');
  expect(axisWithin('tokens', some, some)).toBe('tokens');
});
