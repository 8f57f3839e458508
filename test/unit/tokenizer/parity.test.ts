/**
 * Ids, offsets and decoded text against Python's `tokenizers` (test/fixtures/tokenizers/make.py), kind by kind.
 * Offsets are equal, but for two places where Python's say less than what the token came from:
 *  - a space put before the text by the tokenizer has Python's offsets of the first character, here no place;
 *  - of characters that a normaliser composes or replaces together, Python keeps one, here all are covered.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Token } from '../../../src/attention/types';
import { createTokenizer, type TextTokenizer } from '../../../src/tokenizer';

interface Expected {
  readonly ids: readonly number[];
  readonly starts: readonly number[];
  readonly ends: readonly number[];
  readonly decoded: string;
}

const folder = new URL('../../fixtures/tokenizers/', import.meta.url);
const cases = JSON.parse(readFileSync(new URL('cases.json', folder), 'utf8')) as {
  readonly texts: readonly string[];
  readonly expected: Readonly<Record<string, readonly Expected[]>>;
};
/** Kinds whose normaliser composes or replaces several characters at once. */
const COMPOSING = ['byte-level-cleaned', 'word-piece', 'unigram-nfkc', 'unigram-charsmap', 'bpe-suffix', 'word-level'];
/** A combining mark, a half-width voice mark, a Hangul vowel or final, white space or what `Nmt` makes a space. */
const COMPOSED = /^[\p{M}\uff9e\uff9f\u1160-\u11ff\p{White_Space}\ufffd]*$/u;
const MARKED_CHARACTER = /^\P{M}?\p{M}+$/u;

describe.each(Object.entries(cases.expected))('%s', (name, expected) => {
  const tokenizer = createTokenizer({ tokenizer: readFileSync(new URL(`${name}/tokenizer.json`, folder)) });

  test.each(cases.texts.map((text, i) => [JSON.stringify(text), text, expected[i]] as const))(
    '%s',
    (_, text, wanted) => {
      const made = tokenizer.encode(text);
      expect(made.ids).toEqual(wanted?.ids);
      made.tokens.forEach((token, i) => {
        const start = wanted?.starts[i] ?? NaN;
        const end = wanted?.ends[i] ?? NaN;
        if (token.start === start && token.end === end) return;
        const where = `token ${i} ${JSON.stringify(token.text)} [${token.start}, ${token.end}), Python [${start}, ${end})`;
        if (token.start === -1) {
          expect(isInsertedSpace(token, made.tokens[i + 1], start), where).toBe(true);
          return;
        }
        expect(COMPOSING, where).toContain(name);
        expect(token.start <= start && token.end >= end, where).toBe(true);
        if (MARKED_CHARACTER.test(text.slice(token.start, token.end))) return;
        expect(text.slice(token.start, start), where).toMatch(COMPOSED);
        expect(text.slice(end, token.end), where).toMatch(COMPOSED);
      });
    },
  );

  test('tokens as they read together are the text that Python decodes', () => {
    const differing = cases.texts.filter((_, i) => {
      const ids = (expected[i]?.ids ?? []).filter((id) => !tokenizer.specialIds.has(id));
      const together = readTogether(tokenizer, ids, name === 'word-level' ? ' ' : '');
      const decoded = expected[i]?.decoded.trimStart() ?? '';
      // A mark at the end of words is a space after them, which belongs to no token.
      return name === 'bpe-suffix' ? together !== decoded.replaceAll(' ', '') : together !== decoded;
    });
    // Python takes an added token's letters for bytes.
    const allowed = name === 'byte-level-cleaned' ? /Wörter/u : /^\b$/u;
    expect(differing.filter((text) => !allowed.test(text))).toEqual([]);
  });
});

/** The texts of tokens one after the other, a character that several share counted once. */
function readTogether(tokenizer: TextTokenizer, ids: readonly number[], between: string): string {
  const texts = tokenizer.written(ids).map(({ text, parts }) => {
    const [first = ''] = text;
    return (parts?.[0]?.index ?? 1) > 1 ? text.slice(first.length) : text;
  });
  return texts.join(between).trimStart();
}

function isInsertedSpace(token: Token, next: Token | undefined, pythonStart: number): boolean {
  return token.text === ' ' && next?.start === pythonStart;
}
