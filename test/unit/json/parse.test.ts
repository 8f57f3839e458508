import { describe, expect, test } from 'vitest';
import { BrokenJson, parseJson } from '../../../src/json/parse';
import { readJsonFile } from '../../../src/json/read';

describe('JSON as Python writes it', () => {
  test('NaN and the infinities, wherever a number may stand', () => {
    expect(parseJson('{"a": NaN, "b": [Infinity, -Infinity, 1.5e3], "c": {"d": -0.5}}')).toEqual({
      a: Number.NaN,
      b: [Infinity, -Infinity, 1500],
      c: { d: -0.5 },
    });
    expect(parseJson(' NaN\n')).toBeNaN();
  });

  test('everything else is read as JSON.parse reads it', () => {
    const value = {
      empty: {},
      none: [],
      text: 'a "quoted" \\ line\nwith é, 😀 and \u2028',
      deep: [[1, [true, false, null]], { '': -1e-7, 'a b': 0 }],
      words: 'NaN Infinity -Infinity {[',
    };
    const text = JSON.stringify(value, null, 2);
    expect(parseJson(text)).toEqual(value);
    // The same through the reader that knows Python's numbers.
    expect(parseJson(`[${text}, NaN]`)).toEqual([value, Number.NaN]);
    expect(parseJson('["\\u00e9\\ud83d\\ude00\\t\\/", NaN]')).toEqual(['é😀\t/', Number.NaN]);
  });

  test('names that objects have by themselves are only names', () => {
    const read = parseJson('{"__proto__": {"polluted": NaN}, "constructor": 1}') as object;
    expect(Object.keys(read)).toEqual(['__proto__', 'constructor']);
    expect((read as Record<string, unknown>)['polluted']).toBeUndefined();
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});

describe('broken JSON says where', () => {
  test.each([
    ['', 1, 1, /ends/],
    ['{"a": 1', 1, 8, /comma or a closing brace/],
    ['{\n  "a": 1,\n  "b": nan\n}', 3, 8, /value/],
    ['{\n  "a": 1,\n}', 3, 1, /name in double quotes/],
    ['{"a" 1}', 1, 6, /colon/],
    ['[1, 2', 1, 6, /comma or a closing bracket/],
    ['[1 2]', 1, 4, /comma or a closing bracket/],
    ["{'a': 1}", 1, 2, /name in double quotes/],
    ['{"a": "b', 1, 9, /inside a string/],
    ['["a\nb"]', 1, 4, /control character/],
    ['["\\x41"]', 1, 3, /escape/],
    ['[01]', 1, 3, /comma or a closing bracket/],
    ['[+1]', 1, 2, /value/],
    ['[--Infinity]', 1, 2, /value/],
    ['[-]', 1, 2, /value/],
    ['{} x', 1, 4, /more after the end/],
    ['<html>Not found</html>', 1, 1, /value/],
  ])('%j', (text, line, column, reason) => {
    let thrown: unknown;
    try {
      parseJson(text);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(BrokenJson);
    expect(thrown).toMatchObject({ line, column, reason: expect.stringMatching(reason) as string });
  });

  test('the sentence for a model’s file has both', () => {
    const bytes = new TextEncoder().encode('{\n "vocab_size": 10,\n "eos_token_id": nope\n}');
    expect(() => readJsonFile(bytes, 'config.json', 'MODEL_CONFIG_INVALID')).toThrow(
      expect.objectContaining({
        code: 'MODEL_CONFIG_INVALID',
        message: expect.stringMatching(/config\.json .*line 3, column 18/) as string,
      }),
    );
    expect(() => readJsonFile(Uint8Array.of(0x22, 0xff), 'tokenizer.json', 'TOKENIZER_INVALID')).toThrow(
      expect.objectContaining({ code: 'TOKENIZER_INVALID', message: expect.stringContaining('UTF-8') as string }),
    );
    expect(readJsonFile(Uint8Array.of(0xef, 0xbb, 0xbf, 0x5b, 0x5d), 'config.json', 'MODEL_CONFIG_INVALID')).toEqual(
      [],
    );
  });
});

describe('hostile text', () => {
  test('nesting is bounded, with NaN or without, and brackets in strings do not count', () => {
    for (const open of ['[', '{"a":']) expect(() => parseJson(open.repeat(100_000))).toThrow(/nested/);
    expect(() => parseJson(`[NaN, ${'['.repeat(1000)}`)).toThrow(/nested/);
    expect(parseJson(`["${'['.repeat(5000)}"]`)).toEqual(['['.repeat(5000)]);
    expect(parseJson('['.repeat(150) + ']'.repeat(150))).toBeInstanceOf(Array);
  });

  test.each([
    ['an open string', `["${'\\\\'.repeat(500_000)}`],
    ['many digits', `[${'1'.repeat(1_000_000)}x]`],
    ['many spaces', `[NaN${' '.repeat(1_000_000)}x]`],
    ['many lines', `[${'\n'.repeat(1_000_000)}x]`],
    ['many letters', `[${'a'.repeat(1_000_000)}]`],
    ['a long list with one wrong end', `[${'NaN,'.repeat(250_000)}]`],
  ])('%s costs time by its length only', (_what, text) => {
    // A quadratic reader would take minutes, and the tier's time limit would end it.
    expect(() => parseJson(text)).toThrow(BrokenJson);
  });
});
