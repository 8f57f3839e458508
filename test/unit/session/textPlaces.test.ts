import { describe, expect, it } from 'vitest';
import type { ExplainedText } from '../../../src/session/subject/subject';
import {
  isSameButLineEnds,
  movedRanges,
  offsetAt,
  spanOf,
  spanOfRange,
  textOf,
} from '../../../src/session/subject/textPlaces';

/** Line 2 from its fourth character to line 3's third, and a word of line 7; in a document with either line end. */
function twoPieces(eol: '\n' | '\r\n'): ExplainedText {
  const first = `cats sleep${eol}on`;
  const second = 'mat';
  const [at1, at2] = [30, 90];
  return {
    uri: 'file:///a.txt',
    text: `${first}\n${second}`,
    title: 'a.txt:3–4, 8',
    eol,
    ranges: [
      { start: at1, end: at1 + first.length, line: 2, character: 3, at: 0 },
      { start: at2, end: at2 + second.length, line: 7, character: 5, at: first.length + 1 },
    ],
  };
}

describe.each(['\n', '\r\n'] as const)('places of a text of two selections (%j)', (eol) => {
  const text = twoPieces(eol);
  const at = (word: string): number => text.text.indexOf(word);

  it.each([
    ['cats', 2, 3, 7],
    ['sleep', 2, 8, 13],
    ['on', 3, 0, 2],
    ['mat', 7, 5, 8],
  ])('%s stands in line %i', (word, line, from, to) => {
    const span = spanOf(text, at(word), at(word) + word.length);
    expect(span).toEqual({ start: { line, character: from }, end: { line, character: to } });
    expect(offsetAt(text, { line, character: from })).toBe(at(word));
    expect(offsetAt(text, { line, character: to - 1 })).toBe(at(word) + word.length - 1);
  });

  it('cuts what goes over the join, and has no place for the join itself', () => {
    const join = at('on') + 2;
    expect(spanOf(text, at('on'), at('mat') + 1)).toEqual({
      start: { line: 3, character: 0 },
      end: { line: 3, character: 2 },
    });
    expect(spanOf(text, join, join + 1)).toBeUndefined();
  });

  it('knows what is not explained', () => {
    for (const [line, character] of [
      [2, 2],
      [3, 2],
      [4, 0],
      [7, 4],
      [7, 8],
      [1, 3],
    ] as const)
      expect(offsetAt(text, { line, character })).toBeUndefined();
  });

  it('gives each piece its own span and text', () => {
    expect(text.ranges.map((range) => spanOfRange(text, range))).toEqual([
      { start: { line: 2, character: 3 }, end: { line: 3, character: 2 } },
      { start: { line: 7, character: 5 }, end: { line: 7, character: 8 } },
    ]);
    expect(text.ranges.map((range) => textOf(text, range))).toEqual([`cats sleep${eol}on`, 'mat']);
  });
});

describe('the same text', () => {
  it.each([
    ['a\r\nb', 'a\nb', true],
    ['a\nb', 'a\nb', true],
    ['a\nb', 'a\n\nb', false],
    ['a b', 'a\nb', false],
  ])('%j and %j: %s', (one, other, same) => expect(isSameButLineEnds(one, other)).toBe(same));
});

describe('ranges that edits move', () => {
  const ranges = [
    { start: 10, end: 20 },
    { start: 30, end: 40 },
  ];
  it.each<[string, readonly (readonly [offset: number, length: number, added: number])[], readonly number[]]>([
    ['put in before', [[0, 0, 5]], [15, 25, 35, 45]],
    ['put in right before', [[10, 0, 2]], [12, 22, 32, 42]],
    ['put in inside', [[15, 0, 3]], [10, 23, 33, 43]],
    ['put in right after', [[20, 0, 3]], [10, 20, 33, 43]],
    ['taken out inside', [[12, 4, 0]], [10, 16, 26, 36]],
    ['taken out over the first’s end', [[18, 6, 1]], [10, 19, 25, 35]],
    ['the first taken out', [[10, 10, 0]], [10, 10, 20, 30]],
    // Two at once, as VS Code tells them: offsets of before.
    [
      'two edits',
      [
        [35, 0, 4],
        [0, 2, 0],
      ],
      [8, 18, 28, 42],
    ],
  ])('%s', (_what, edits, [start1, end1, start2, end2]) => {
    const told = edits.map(([offset, length, added]) => ({ offset, length, added }));
    const expected = [
      { start: start1, end: end1 },
      { start: start2, end: end2 },
    ];
    expect(movedRanges(ranges, told)).toEqual(expected);
    expect(movedRanges(ranges, [...told].reverse())).toEqual(expected);
  });
});
