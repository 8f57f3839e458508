import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readWindow } from '../../../src/engine/text/window';
import { createTokenizer } from '../../../src/tokenizer';
import { asciiTokenizer } from '../../support/asciiTokenizer';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
/** One character a token. */
const tokenizer = createTokenizer({
  tokenizer: bytes(asciiTokenizer()),
  config: bytes('{"bos_token":"<s>","eos_token":"</s>"}'),
  chatTemplate: bytes('{{ bos_token }}U:{{ messages[0].content | trim }}{{ eos_token }}A:'),
});
const texts = (tokens: readonly { readonly text: string }[]): string => tokens.map(({ text }) => text).join('');

describe('a text that the model takes at once', () => {
  test('is read whole, with the tokenizer’s own tokens round it', () => {
    const framed = createTokenizer({
      tokenizer: readFileSync(new URL('../../fixtures/tokenizers/byte-level-llama3/tokenizer.json', import.meta.url)),
    });
    const { window, tokens } = readWindow('Hello', { tokenizer: framed, promptLimit: 20 }, 7);
    expect(window).toMatchObject({ start: 0, startOffset: 0, endOffset: 5 });
    expect(tokens[0]?.text).toBe('<|begin_of_text|>');
  });

  test('as a chat message', () => {
    const { window, tokens } = readWindow('  Hello ', { tokenizer, promptLimit: 20 }, 0, true);
    expect(texts(tokens)).toBe('<s>U:Hello</s>A:');
    expect(tokens.map(({ start }) => start)).toEqual([-1, -1, -1, 2, 3, 4, 5, 6, -1, -1, -1]);
    expect(window).toEqual({ totalTokens: 5, start: 0, end: 5, startOffset: 0, endOffset: 8 });
  });
});

describe('a longer text', () => {
  test('is cut to a window, with the chat round that', () => {
    const { window, tokens } = readWindow('abcdefghij', { tokenizer, promptLimit: 10 }, 3, true);
    expect(texts(tokens)).toBe('<s>U:defg</s>A:');
    expect(tokens.length).toBe(10);
    expect(window).toMatchObject({ totalTokens: 10, start: 3, end: 7, startOffset: 3, endOffset: 7 });
  });

  test('cannot be read where the chat alone is too long', () => {
    expect(() => readWindow('abc', { tokenizer, promptLimit: 6 }, 0, true)).toThrow(
      expect.objectContaining({ code: 'TOKENIZER_UNSUPPORTED' }) as Error,
    );
    expect(readWindow('abc', { tokenizer, promptLimit: 7 }, 0, true).window.end).toBe(1);
  });
});

describe('special tokens that are typed in the text', () => {
  const model = { tokenizer, promptLimit: 40 };

  test('a text that fits whole is read whole, though after a part of a longer one there would be room to go on', () => {
    const long = { ...model, wholeLimit: 50 };
    expect(readWindow('a'.repeat(50), long, 0).window).toMatchObject({ totalTokens: 50, start: 0, end: 50 });
    expect(readWindow('a'.repeat(51), long, 0).window).toMatchObject({ totalTokens: 51, start: 0, end: 40 });
    expect(readWindow('a'.repeat(50), long, 0, false).tokens).toHaveLength(50);
  });

  test('are tokens of their own, as in transformers', () => {
    const { tokens } = readWindow('a</s>b', model, 0);
    expect(tokens.map(({ text, special, start, end }) => [text, special, start, end])).toEqual([
      ['a', false, 0, 1],
      ['</s>', true, 1, 5],
      ['b', false, 5, 6],
    ]);
  });

  test('or text like any other, where the user wants that', () => {
    const { tokens, window } = readWindow('a</s>b', model, 0, false, true);
    expect(tokens.map(({ text }) => text)).toEqual(Array.from('a</s>b'));
    expect(tokens.some(({ special }) => special)).toBe(false);
    expect(window.totalTokens).toBe(6);
  });

  test('in a chat the template’s own stay what they are', () => {
    expect(texts(readWindow('x</s>A:y', model, 0, true).tokens)).toBe('<s>U:x</s>A:y</s>A:');
    const { tokens } = readWindow('x</s>A:y', model, 0, true, true);
    expect(tokens.filter(({ special }) => special).map(({ text, start }) => [text, start])).toEqual([
      ['<s>', -1],
      ['</s>', -1],
    ]);
    expect(tokens.filter(({ start }) => start >= 0).map(({ text }) => text)).toEqual(Array.from('x</s>A:y'));
  });

  test('those that are looked for in normalised text too', () => {
    const added = (content: string, special: boolean, id: number) => ({ id, content, special, normalized: true });
    const json = JSON.parse(asciiTokenizer()) as { added_tokens: unknown };
    json.added_tokens = [added('[mask]', true, 3), added('ab', false, 1)];
    const normalizer = {
      type: 'Sequence',
      normalizers: [{ type: 'Lowercase' }, { type: 'Replace', pattern: { String: '…' }, content: '...' }],
    };
    const lower = createTokenizer({ tokenizer: bytes(JSON.stringify({ ...json, normalizer })) });
    const read = (asText?: readonly [number, number]) =>
      lower.encodeBody('…[MASK]AB[mask]', asText).tokens.map(({ text }) => text);
    expect(read()).toEqual(['.', '.', '.', '[mask]', 'ab', '[mask]']);
    expect(read([0, 15])).toEqual(['.', '.', '.', ...Array.from('[mask]'), 'ab', ...Array.from('[mask]')]);
    expect(read([0, 7])).toEqual(['.', '.', '.', ...Array.from('[mask]'), 'ab', '[mask]']);
  });
});

test.each([
  ['white space', ' \n', 'EMPTY_SELECTION'],
  ['nothing', '', 'EMPTY_SELECTION'],
])('%s is refused', (_, text, code) => {
  for (const chat of [false, true])
    expect(() => readWindow(text, { tokenizer, promptLimit: 20 }, 0, chat)).toThrow(
      expect.objectContaining({ code }) as Error,
    );
});
