/**
 * What a token looks like as a label: in texts, axes, lists, legends, sentences, the editor's card and for a screen
 * reader. One place for all: never empty, nothing invisible, and nothing that puts what stands beside it in another order.
 */
import type { Token } from './types';

/** White space that has a sign of its own. */
const SIGNS: Readonly<Record<string, string>> = {
  ' ': '␣',
  '\n': '⏎',
  '\r': '␍',
  '\t': '⇥',
  '\u00a0': '⍽',
};

/** The abbreviations of the Unicode standard; others go by their number. */
const NAMES: Readonly<Record<number, string>> = {
  0x85: 'NEL',
  0xad: 'SHY',
  0x34f: 'CGJ',
  0x61c: 'ALM',
  0x115f: 'HCF',
  0x1160: 'HJF',
  0x180e: 'MVS',
  0x2002: 'ENSP',
  0x2003: 'EMSP',
  0x2009: 'THSP',
  0x200a: 'HSP',
  0x200b: 'ZWSP',
  0x200c: 'ZWNJ',
  0x200d: 'ZWJ',
  0x200e: 'LRM',
  0x200f: 'RLM',
  0x2028: 'LSEP',
  0x2029: 'PSEP',
  0x202a: 'LRE',
  0x202b: 'RLE',
  0x202c: 'PDF',
  0x202d: 'LRO',
  0x202e: 'RLO',
  0x202f: 'NNBSP',
  0x2060: 'WJ',
  0x2066: 'LRI',
  0x2067: 'RLI',
  0x2068: 'FSI',
  0x2069: 'PDI',
  0x3000: 'IDSP',
  0x3164: 'HF',
  0xfeff: 'BOM',
  0xffa0: 'HHF',
  0xe007f: 'TAG END',
};

/** Characters that are not seen, or that change the order of others. Of the format characters only `\u0600` and its like show. */
const UNSEEN =
  /[\p{Default_Ignorable_Code_Point}\p{Bidi_Control}\p{Cc}\p{Zl}\p{Zp}\u2800]|(?![\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u{110bd}\u{110cd}])\p{Cf}/u;
const ALL_UNSEEN = new RegExp(UNSEEN, 'gu');

/** Joiners and selectors that do their work between characters that show: in emoji, and in scripts whose letters join. */
const AT_WORK = new RegExp(
  [
    // 🏴󠁧󠁢󠁥󠁮󠁧󠁿: flags of regions
    '\\u{1f3f4}[\\u{e0030}-\\u{e0039}\\u{e0061}-\\u{e007a}]{1,6}\\u{e007f}',
    // 👩🏽‍💻, ❤️‍🔥: selectors, keycaps and joiners inside an emoji
    '\\p{Emoji}\\ufe0f\\u20e3',
    '\\p{Extended_Pictographic}[\\ufe0e\\ufe0f]?\\p{Emoji_Modifier}?(?:\\u200d\\p{Extended_Pictographic}[\\ufe0e\\ufe0f]?\\p{Emoji_Modifier}?)*',
    // می‌خواهم, क्‍ष: in words of scripts that join
    '(?<=[\\p{L}\\p{M}])(?<![\\p{Script=Latin}\\p{Script=Greek}\\p{Script=Cyrillic}])[\\u200c\\u200d](?=[\\p{L}\\p{M}])(?![\\p{Script=Latin}\\p{Script=Greek}\\p{Script=Cyrillic}])',
    // 葛󠄀, ᠠ᠋: variants of ideographs and Mongolian letters
    '[\\p{Script=Han}\\p{Script=Mongolian}]\\p{Variation_Selector}',
  ].join('|'),
  'gu',
);

/** A character of a script that is written from right to left. */
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;
const ISOLATE = '\u2068';
const END_ISOLATE = '\u2069';

/** One character that is not seen, by name: `⟨RLO⟩`. */
function named(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  if (code === 0x7f) return '␡';
  const tag = code > 0xe0020 && code < 0xe007f ? `TAG ${String.fromCharCode(code - 0xe0000)}` : undefined;
  return `⟨${NAMES[code] ?? tag ?? `U+${code.toString(16).toUpperCase().padStart(4, '0')}`}⟩`;
}

/** Names what is not seen, but for joiners and selectors at work. */
function nameUnseen(text: string): string {
  if (!UNSEEN.test(text)) return text;
  const parts: string[] = [];
  let end = 0;
  for (const match of text.matchAll(AT_WORK)) {
    parts.push(text.slice(end, match.index).replace(ALL_UNSEEN, named), match[0]);
    end = match.index + match[0].length;
  }
  parts.push(text.slice(end).replace(ALL_UNSEEN, named));
  return parts.join('');
}

/** A sentence with names of others in it: what is not seen is named, but for line ends and the isolation that labels have. */
export function sentenceLabel(text: string): string {
  return text
    .split(/([\n\u2068\u2069]+)/u)
    .map((part, at) => (at % 2 === 0 ? nameUnseen(part) : part))
    .join('');
}

const sign = (space: string): string => SIGNS[space] ?? named(space);

/** White space and what is not seen made visible; long runs are counted: `⏎␣×8`. */
export function visibleSpace(text: string): string {
  const spaced = text.replace(/(\s)\1*/gu, (run, space: string) =>
    run.length > 2 ? `${sign(space)}×${run.length}` : sign(space).repeat(run.length),
  );
  return nameUnseen(spaced);
}

/** True where nothing of a text is seen. */
export const isBlank = (text: string): boolean => text.replace(ALL_UNSEEN, '').trim() === '';

/** Letters, digits and signs that are seen as they are, after one blank or none: nearly every label of an English text or of code. */
const PLAIN = /^ ?[!-~]+$/;

/** A text as a label for an element of its own: never empty. What surrounds it keeps its order only if it is isolated. */
export function bareLabel(text: string): string {
  if (PLAIN.test(text)) return text.trimStart();
  if (text === '') return '∅';
  // The space in front of a word is part of nearly every token, so it is not marked.
  const shown = isBlank(text) ? visibleSpace(text) : nameUnseen(text.trim().replace(/[^\S ]/gu, sign));
  // A mark alone would sit on what stands before it.
  return /^\p{M}/u.test(shown) ? `◌${shown}` : shown;
}

/** Keeps a label that is written from right to left from changing the order of what it stands in. */
function isolated(label: string): string {
  return RIGHT_TO_LEFT.test(label) ? ISOLATE + label + END_ISOLATE : label;
}

/** A text as a label in a sentence, an axis or a list. */
export const textLabel = (text: string): string => isolated(bareLabel(text));

/** What is read of a token: its text, and which part of a character it is. */
export type LabelledToken = Pick<Token, 'text' | 'parts'>;

/** A token's text with its parts of characters, `今 1/3`, for an element of its own. */
export function bareTokenLabel({ text, parts = [] }: LabelledToken): string {
  if (parts.length === 0) return bareLabel(text);
  const shares = parts.map(({ index, of }) => `${index}/${of}`).join(', ');
  return `${bareLabel(text)} ${shares}`;
}

/** Axes ask for thousands of labels at every move of the pointer. */
const labels = new WeakMap<LabelledToken, string>();

/** A token as a short label in a sentence, an axis or a list; `–` for none. */
export function tokenLabel(token: LabelledToken | undefined): string {
  if (!token) return '–';
  const known = labels.get(token);
  if (known !== undefined) return known;
  const label = isolated(bareTokenLabel(token));
  labels.set(token, label);
  return label;
}

/**
 * Labels of tokens that stand beside each other to be told apart, as those that may come next: where two would be alike (`h` with and
 * without a blank in front, which are two tokens), their white space is shown.
 */
export function labelsApart(tokens: readonly LabelledToken[]): readonly string[] {
  const plain = tokens.map(tokenLabel);
  return tokens.map(({ text }, at) => {
    const label = plain[at] ?? '';
    const isAlone = plain.indexOf(label) === plain.lastIndexOf(label);
    return isAlone || !/\s/u.test(text) ? label : isolated(visibleSpace(text));
  });
}

const segmenter = new Intl.Segmenter();

/** A label cut to `length` characters as people count them: never inside an emoji, a combined letter or its isolation. */
export function cutLabel(label: string, length: number): string {
  if (label.length <= length) return label;
  if (label.startsWith(ISOLATE)) return ISOLATE + cutLabel(label.slice(1, -1), length) + END_ISOLATE;
  const characters = Array.from(segmenter.segment(label), ({ segment }) => segment);
  return characters.length <= length ? label : `${characters.slice(0, length - 1).join('')}…`;
}

/** Which way a text is written: by its first letter; null where it has none, and goes with what surrounds it. */
export function directionOf(text: string): 'ltr' | 'rtl' | null {
  const [letter] = /\p{L}/u.exec(text) ?? [];
  if (letter === undefined) return null;
  return RIGHT_TO_LEFT.test(letter) ? 'rtl' : 'ltr';
}

/** The way of a sequence: that of its own words, not of the tokens that the model puts round them. */
export function directionOfTokens(tokens: readonly Pick<Token, 'text' | 'special'>[]): 'ltr' | 'rtl' {
  for (const { text, special } of tokens) {
    const direction = special ? null : directionOf(text);
    if (direction) return direction;
  }
  return 'ltr';
}
