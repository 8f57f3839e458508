/** A generation as it is streamed: every step’s tokens are what the whole sequence reads as. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Token } from '../../../src/attention/types';
import { writeToken } from '../../../src/engine/text/writtenTokens';
import { createTokenizer } from '../../../src/tokenizer';
import type { DecoderStep } from '../../../src/protocol/engine';
import { emptySnapshot } from '../../../src/session/state/state';
import { withStep } from '../../../src/session/subject/written';

const load = (name: string) =>
  createTokenizer({
    tokenizer: readFileSync(new URL(`../../fixtures/tokenizers/${name}/tokenizer.json`, import.meta.url)),
  });

test.each(['byte-level', 'bpe-byte-fallback', 'word-piece'])('streamed and whole are the same: %s', (name) => {
  const tokenizer = load(name);
  const { ids } = tokenizer.encodeBody('Le chat’s 今天天气 🫠🫠 क्षि مرحبا, déjà.');
  const target: Token[] = [];
  ids.forEach((id, index) => {
    const { token, completed } = writeToken(target, id, tokenizer);
    target.splice(target.length - completed.length, completed.length, ...completed);
    target.push(token);
    expect(target, `after ${index + 1} tokens`).toEqual(tokenizer.written(ids.slice(0, index + 1)));
  });
  expect(target.some(({ text }) => text.includes('\ufffd'))).toBe(false);
});

test('the host’s snapshot follows: tokens and steps before read anew once their character is complete', () => {
  const tokenizer = load('bpe-byte-fallback');
  const { ids } = tokenizer.encodeBody('a今b');
  const start = tokenizer.token(tokenizer.named('bos') ?? 1);
  const target: Token[] = [start];
  let shown = { ...emptySnapshot('one', 'x'), target: [start] as readonly Token[] };
  const said: string[][] = [];
  for (const id of ids) {
    const { token, completed } = writeToken(target, id, tokenizer);
    target.splice(target.length - completed.length, completed.length, ...completed);
    target.push(token);
    const chosen = { id, text: token.text, probability: 1, ...(token.parts && { parts: token.parts }) };
    const step: DecoderStep = { index: target.length - 1, chosen, rank: 1, top: [], origin: 'greedy', milliseconds: 1 };
    shown = { ...shown, ...withStep(shown, { step, token, completed }) };
    said.push(shown.steps.map(({ chosen: { text, parts } }) => text.trim() + String(parts?.[0]?.index ?? '')));
  }
  expect(said).toEqual([
    ['a'],
    ['a', '\ufffd'],
    ['a', '\ufffd', '\ufffd'],
    ['a', '今1', '今2', '今3'],
    ['a', '今1', '今2', '今3', 'b'],
  ]);
  expect(shown.target).toEqual(target);
});
