/** Two texts and their rows beside each other, by cases worked by hand. */
import { describe, expect, it } from 'vitest';
import { commonPairs } from '../../../src/measure/compare/commonSubsequence';
import { hasPartners, matchUnits } from '../../../src/measure/compare/matching';
import {
  asOther,
  differenceBetween,
  mostParted,
  partedHeads,
  rowDifference,
} from '../../../src/measure/compare/parting';
import { MEASURES } from '../../../src/measure/measure';

const units = (text: string) =>
  text.split(' ').map((word) => ({ text: word.startsWith('<') ? word : ` ${word}`, special: word.startsWith('<') }));
const match = (one: string, other: string) => matchUnits(units(one), units(other));

describe('a longest common subsequence', () => {
  it.each<[string, string, readonly (readonly number[])[]]>([
    [
      'abcd',
      'abcd',
      [
        [0, 0],
        [1, 1],
        [2, 2],
        [3, 3],
      ],
    ],
    [
      'abcd',
      'axcd',
      [
        [0, 0],
        [2, 2],
        [3, 3],
      ],
    ],
    [
      'abc',
      'bcc',
      [
        [1, 0],
        [2, 1],
      ],
    ],
    ['abc', 'xyz', []],
    ['', 'ab', []],
    [
      'aab',
      'ab',
      [
        [0, 0],
        [2, 1],
      ],
    ],
  ])('of %s and %s', (one, other, pairs) => expect(commonPairs(Array.from(one), Array.from(other))).toEqual(pairs));

  it('of long texts that differ in the middle begins and ends alike', () => {
    const one = Array.from({ length: 6000 }, (_, at) => at);
    const other = [...one.slice(0, 2500), -1, ...one.slice(2500)];
    const pairs = commonPairs(one, other);
    expect(pairs).toHaveLength(6000);
    expect(pairs[2499]).toEqual([2499, 2499]);
    expect(pairs[2500]).toEqual([2500, 2501]);
  });
});

describe('words beside each other', () => {
  it('of the same text stand one to one', () => {
    const { toOther, toOne, isSame } = match('The cat sat . </s>', 'The cat sat . </s>');
    expect([...toOther]).toEqual([0, 1, 2, 3, 4]);
    expect([...toOne]).toEqual([0, 1, 2, 3, 4]);
    expect([...isSame]).toEqual([1, 1, 1, 1, 1]);
  });

  it('pair a word with the one in its place, and say that it is another', () => {
    const { toOther, isSame } = match('it was too tired . </s>', 'it was too wide . </s>');
    expect([...toOther]).toEqual([0, 1, 2, 3, 4, 5]);
    expect([...isSame]).toEqual([1, 1, 1, 0, 1, 1]);
  });

  it('skip what was put in, and keep marks and special tokens from standing for words', () => {
    const { toOther, toOne } = match('the cat sat', 'the black cat sat down .');
    expect([...toOther]).toEqual([0, 2, 3]);
    expect([...toOne]).toEqual([0, -1, 1, 2, -1, -1]);
    expect([...match('so tired </s>', 'so . </s>').toOther]).toEqual([0, -1, 2]);
  });

  it('are the same with other spaces, capitals and marks of a tokenizer', () => {
    const one = [
      { text: 'It', special: false },
      { text: ' was', special: false },
    ];
    const other = [
      { text: ' it', special: false },
      { text: 'was ', special: false },
    ];
    expect([...matchUnits(one, other).isSame]).toEqual([1, 1]);
  });

  it('have no partners where no word is in both, whatever ends both texts', () => {
    const nothing = match('cats sleep . </s>', 'dogs run . </s>');
    expect([...nothing.toOther]).toEqual([-1, -1, -1, -1]);
    expect([...nothing.toOne]).toEqual([-1, -1, -1, -1]);
    expect(hasPartners(nothing)).toBe(false);
    expect(hasPartners(match('', 'a'))).toBe(false);
  });
});

describe('two rows', () => {
  const keys = match('the cat sat', 'the black cat sat');

  it('differ word by word; what stands in one of them alone has no difference', () => {
    const difference = rowDifference(Float32Array.of(0.5, 0.25, 0.25), Float32Array.of(0.25, 0.125, 0.5, 0.125), keys);
    expect([...difference]).toEqual([0.25, -0.25, 0.125]);
    expect([...asOther(difference, keys)]).toEqual([0.25, NaN, -0.25, 0.125]);
    expect([...rowDifference(Float32Array.of(1), Float32Array.of(), match('the', 'the'))]).toEqual([NaN]);
  });

  it('are told apart on a scale that reaches as far as both of their measures', () => {
    expect(differenceBetween(MEASURES.weight, MEASURES.weight)).toMatchObject({ signed: true, range: [-1, 1] });
    const moved = { ...MEASURES.moved, range: [0, 3] } as const;
    expect(differenceBetween(moved, { ...moved, range: [0, 2] }).range).toEqual([-3, 3]);
    expect(differenceBetween(MEASURES.difference, MEASURES.difference).range).toEqual([-2, 2]);
  });
});

/** Rows of so many numbers, one after another. */
const rowsOf =
  (width: number, ...values: readonly number[]) =>
  (at: number): Float32Array =>
    at < 0 ? new Float32Array() : Float32Array.from(values.slice(at * width, (at + 1) * width));

describe('where two readings part', () => {
  // “it” looks at “cat” in the one, at “mat” in the other; “so” differs less, and the words that are others are not held
  // against each other.
  const words = match('cat mat it tired', 'cat mat it wide');
  const now = rowsOf(4, 1, 0, 0, 0, 0, 1, 0, 0, 0.75, 0.25, 0, 0, 0, 0, 1, 0);
  const beside = rowsOf(4, 1, 0, 0, 0, 0.25, 0.75, 0, 0, 0.25, 0.75, 0, 0, 1, 0, 0, 0);
  const none = { query: () => false, key: () => false };

  it('is the row of a word that both have whose weight goes elsewhere most', () => {
    expect(mostParted(now, beside, words, words, none)).toEqual({
      query: 2,
      key: 0,
      now: 0.75,
      beside: 0.25,
      size: 0.5,
    });
  });

  it('leaves out what is hidden', () => {
    const isIt = (at: number): boolean => at === 2;
    expect(mostParted(now, beside, words, words, { ...none, query: isIt })?.query).toBe(1);
    expect(mostParted(now, beside, words, words, { ...none, key: (at) => at === 0 })).toMatchObject({
      query: 2,
      key: 1,
      size: 0.25,
    });
  });

  it('is nowhere for one reading twice, and for texts with nothing in common', () => {
    expect(mostParted(now, now, words, words, none)).toBeUndefined();
    expect(mostParted(now, beside, match('a b c d', 'e f g h'), words, none)).toBeUndefined();
  });

  it('is told for every head of one word', () => {
    expect([...partedHeads(now, beside, 4, words, () => false)]).toEqual([0, 0.25, 0.5, 1]);
    expect([...partedHeads(now, beside, 4, words, (key) => key === 0)]).toEqual([0, 0.125, 0.25, 0.5]);
  });
});
