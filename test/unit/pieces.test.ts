import { expect, test } from 'vitest';
import type { Token } from '../../src/attention/types';
import { blankBefore, textIn } from '../../webview/state/shown/pieces';

const tokensOf = (...all: readonly (readonly [text: string, start: number, end: number])[]): readonly Token[] =>
  all.map(([text, start, end], id) => ({ id, text, start, end, special: start < 0, partial: false }));

test('the text of tokens that keep no blanks has them where the text had something between', () => {
  // “the cats sat.” as WordPiece has it
  const tokens = tokensOf(['[CLS]', -1, -1], ['the', 0, 3], ['cat', 4, 7], ['s', 7, 8], ['sat', 9, 12], ['.', 12, 13]);
  expect(textIn(tokens, { from: 1, to: 6 })).toBe('the cats sat.');
  expect(textIn(tokens, { from: 4, to: 5 })).toBe('sat'); // what is before a piece is not of it
  expect(tokens.map((_, at) => blankBefore(tokens, at))).toEqual(['', '', ' ', '', ' ', '']);
});

test('tokens that begin with their blank get no second one, and written ones, which stand nowhere in a text, none', () => {
  expect(textIn(tokensOf(['The', 0, 3], [' cat', 3, 7], [' sat', 8, 11]), { from: 0, to: 3 })).toBe('The cat sat');
  expect(textIn(tokensOf(['Le', -1, -1], [' chat', -1, -1]), { from: 0, to: 2 })).toBe('Le chat');
});
