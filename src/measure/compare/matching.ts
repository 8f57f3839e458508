/**
 * Two texts beside each other: which word (or token) of the one stands for which of the other. Words that both have, in
 * the same order, stand for each other (a longest common subsequence). Between two of those, as many words on both
 * sides stand for each other one by one: “too tired” beside “too wide”.
 */
import { isWord, type Unit } from '../units';
import { commonPairs } from './commonSubsequence';

export interface Matching {
  /** For each unit of the one text its partner in the other, -1 where it has none. */
  readonly toOther: Int32Array;
  /** For each unit of the other text its partner in the one. */
  readonly toOne: Int32Array;
  /** 1 for each unit of the one text whose partner is the same word, 0 for one that stands in another's place. */
  readonly isSame: Uint8Array;
}

type Units = readonly Pick<Unit, 'text' | 'special'>[];

/** Equal for units that are the same word, however a tokenizer writes the space before it or its capitals. */
function nameOf({ text, special }: Units[number]): string {
  if (special) return `special ${text}`;
  const bare = text.trim();
  return bare === '' ? `blank ${text}` : bare.normalize('NFC').toLowerCase();
}

/** Words with words, special tokens with special tokens, marks with marks. */
const isLike = (one: Units[number], other: Units[number]): boolean =>
  one.special === other.special && isWord(one) === isWord(other);

/** Texts that have no word in common have no partners at all, whatever marks and special tokens both have. */
export function matchUnits(one: Units, other: Units): Matching {
  const toOther = new Int32Array(one.length).fill(-1);
  const toOne = new Int32Array(other.length).fill(-1);
  const isSame = new Uint8Array(one.length);
  const pairs = commonPairs(one.map(nameOf), other.map(nameOf));
  if (!pairs.some(([at]) => one[at] && isWord(one[at]))) return { toOther, toOne, isSame };
  const join = (at: number, beside: number): void => {
    toOther[at] = beside;
    toOne[beside] = at;
  };
  let [from, besideFrom] = [0, 0];
  for (const [to, besideTo] of [...pairs, [one.length, other.length] as const]) {
    const isEven = to - from === besideTo - besideFrom;
    for (let step = 0; isEven && step < to - from; step++) {
      const [own, theirs] = [one[from + step], other[besideFrom + step]];
      if (own && theirs && isLike(own, theirs)) join(from + step, besideFrom + step);
    }
    if (to < one.length && besideTo < other.length) {
      join(to, besideTo);
      isSame[to] = 1;
    }
    [from, besideFrom] = [to + 1, besideTo + 1];
  }
  return { toOther, toOne, isSame };
}

/** True where the texts have anything in common. */
export const hasPartners = ({ isSame }: Matching): boolean => isSame.includes(1);
