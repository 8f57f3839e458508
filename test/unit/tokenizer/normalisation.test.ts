/**
 * The bundled model is given text as it was trained on: tokenizer.json's normalizer does what the recipe's text.py did.
 * The recipe's own function runs where there is a Python; what it once said is kept in normalised.json and always
 * checked.
 * To renew that file: python3 models/recipe/text.py < test/fixtures/tokenizers/typography.json
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { createTokenizer } from '../../../src/tokenizer';

interface Recipe {
  readonly normalised: readonly string[];
  readonly normalizer: unknown;
}

const read = (path: string): unknown => JSON.parse(readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8'));
const texts = read('test/fixtures/tokenizers/typography.json') as readonly string[];
const others = read('test/fixtures/tokenizers/texts.json') as readonly string[];
const kept = read('test/fixtures/tokenizers/normalised.json') as Recipe;
const file = read('models/en-fr/tokenizer.json') as { readonly normalizer: unknown };
const bytes = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const shipped = createTokenizer({ tokenizer: bytes(file) });
const bare = createTokenizer({ tokenizer: bytes({ ...file, normalizer: null }) });

/** What the recipe's function says of these texts; null where no Python is installed. */
function recipe(of: readonly string[]): Recipe | null {
  const script = fileURLToPath(new URL('../../../models/recipe/text.py', import.meta.url));
  const python = process.platform === 'win32' ? 'python' : 'python3';
  const run = spawnSync(python, [script], { input: JSON.stringify(of), encoding: 'utf8' });
  if (run.error !== undefined || (run.status !== 0 && !run.stderr.includes('text.py'))) return null;
  expect(run.stderr).toBe('');
  return JSON.parse(run.stdout) as Recipe;
}

function withoutDropped(text: string): string {
  return text.replace(/[\u200b-\u200d\u2060\ufeff\u00ad]/gu, '');
}

/** Where each token's text stands in the document. */
function places(text: string): readonly string[] {
  const { tokens, bodyStart, bodyEnd } = shipped.encode(text);
  return tokens.slice(bodyStart, bodyEnd).map((token) => text.slice(token.start, token.end));
}

test('the kept cases are of the texts, and of the normalizer that is shipped', () => {
  expect(kept.normalised).toHaveLength(texts.length);
  expect(file.normalizer).toEqual(kept.normalizer);
});

const cases = texts.map((text, i) => [JSON.stringify(text), text, kept.normalised[i] ?? ''] as const);

test.each(cases)('ids and offsets: %s', (_, text, normalised) => {
  const made = shipped.encode(text);
  expect(made.ids).toEqual(bare.encode(normalised).ids);
  let reached = 0;
  let seen = '';
  for (const token of made.tokens.slice(made.bodyStart, made.bodyEnd)) {
    expect(token.start).toBeGreaterThanOrEqual(0);
    expect(text.slice(reached, token.start)).toMatch(/^[\u200b-\u200d\u2060\ufeff\u00ad]*$/u);
    expect(text.slice(token.end)).not.toMatch(/^[\udc00-\udfff]/u); // a token never ends within a surrogate pair
    seen += text.slice(Math.max(reached, token.start), token.end);
    reached = Math.max(reached, token.end);
  }
  expect(withoutDropped(seen)).toBe(withoutDropped(text));
});

test('with typographic signs a text is the same to the model as with plain ones', () => {
  const ids = (text: string): readonly number[] => shipped.encode(text).ids;
  expect(ids('The user’s account doesn’t exist.')).toEqual(ids("The user's account doesn't exist."));
  expect(ids('“Open…” the\u00a0ﬁle,\u202fplease')).toEqual(ids('"Open..." the file, please'));
  expect(ids('a soft\u00adware cafe\u0301 well‑known ＡＢ（１）')).toEqual(ids('a software café well-known AB(1)'));
});

test('positions are those of the document, to the UTF-16 unit', () => {
  expect(places('The user’s “ﬁle”')).toContain('’s');
  expect(places('“🚀” ﬁ')).toEqual(expect.arrayContaining(['“', '”']));
  expect(places('cafe\u0301').at(-1)).toMatch(/e\u0301$/u);
  expect(places('Wait… now')).toEqual(['Wait', '…', ' now']);
  expect(places('micro\u00adsoft').join('')).toBe('micro\u00adsoft');
  expect(places('１２')).toEqual(['１２']);
});

test('replacements of single characters are made one after the other, as the file lists them', () => {
  const steps = (pairs: readonly string[]): unknown[] =>
    pairs.map((pair) => ({ type: 'Replace', pattern: { String: pair.slice(0, 1) }, content: pair.slice(1) }));
  const made = (pairs: readonly string[]): unknown => {
    const normalizer = { type: 'Sequence', normalizers: steps(pairs) };
    return createTokenizer({ tokenizer: bytes({ ...file, normalizer }) }).encode('xyz').ids;
  };
  const plain = (text: string): unknown => bare.encode(text).ids;
  expect(made(['xy', 'yz'])).toEqual(plain('zzz'));
  expect(made(['yz', 'xy'])).toEqual(plain('yzz'));
  expect(made(['xa', 'xb'])).toEqual(plain('ayz'));
  expect(made(['xyy', 'z', 'yx'])).toEqual(plain('xxx'));
});

describe('the recipe itself', () => {
  const answers = [texts, others].map((list) => recipe(list));

  test.skipIf(answers[0] === null)('says what is kept', () => {
    expect(answers[0]).toEqual(kept);
  });

  test.skipIf(answers[1] === null)('ids are those of what it makes of every kind of text', () => {
    others.forEach((text, i) => {
      expect(shipped.encode(text).ids, JSON.stringify(text)).toEqual(bare.encode(answers[1]?.normalised[i] ?? '').ids);
    });
  });
});
