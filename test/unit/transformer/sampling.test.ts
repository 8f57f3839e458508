/** Sampling: the distributions of transformers' logits processors (test/parity/decoding.py), draws, and numbers from a seed. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ruled } from '../../../src/transformer/choice';
import { drawn, samplingDistribution } from '../../../src/transformer/decoding/sampling';
import { seededNumber } from '../../../src/transformer/decoding/seededNumber';
import type { ChoiceRules } from '../../../src/transformer/spec';
import { ROOT } from '../../support/paths.mjs';

type Settings = Partial<
  Record<'temperature' | 'topK' | 'topP' | 'minP' | 'repetitionPenalty' | 'noRepeatNgram', number>
>;
interface Reference {
  readonly target: readonly number[];
  readonly of: readonly {
    readonly logits: readonly number[];
    readonly cases: readonly { readonly settings: Settings; readonly distribution: readonly number[] }[];
  }[];
}

const reference = JSON.parse(readFileSync(join(ROOT, 'test', 'fixtures', 'decoding.json'), 'utf8')) as Reference;
const ALL = { temperature: 1, topK: 0, topP: 1, minP: 0 };
const NO_RULES: ChoiceRules = {
  suppressed: [],
  impossible: [],
  beginSuppressed: [],
  badSequences: [],
  forcedFirst: -1,
  forcedLast: -1,
  noRepeatNgram: 0,
  repetitionPenalty: 1,
  minLength: 0,
  minNewTokens: 0,
};

describe.each(reference.of.map(({ logits, cases }) => ({ logits, cases, length: logits.length })))(
  'of $length tokens',
  ({ logits, cases }) => {
    test.each(cases)('$settings: as transformers has it', ({ settings, distribution }) => {
      const { repetitionPenalty = 1, noRepeatNgram = 0, ...sampling } = settings;
      const rules = { ...NO_RULES, repetitionPenalty, noRepeatNgram };
      const context = { target: reference.target, given: 1, endOfSequence: [], last: false };
      const got = samplingDistribution(ruled(Float32Array.from(logits), rules, context), { ...ALL, ...sampling });
      got.forEach((probability, id) => expect(Math.abs(probability - (distribution[id] ?? NaN))).toBeLessThan(1e-6));
      expect(got.reduce((sum, probability) => sum + probability, 0)).toBeCloseTo(1, 9);
    });
  },
);

test('a token that is ruled out is never drawn, and logits that are no numbers are refused', () => {
  const distribution = samplingDistribution(Float32Array.of(-Infinity, 1, 1, -Infinity), ALL);
  expect([...distribution]).toEqual([0, 0.5, 0.5, 0]);
  expect([0, 0.49, 0.5, 0.999999].map((at) => drawn(distribution, at))).toEqual([1, 1, 2, 2]);
  for (const logits of [Float32Array.of(NaN, 1), Float32Array.of(-Infinity, -Infinity), Float32Array.of(Infinity, 1)])
    expect(() => samplingDistribution(logits, ALL)).toThrow(expect.objectContaining({ code: 'NOT_FINITE' }) as Error);
});

test('draws fall as often on a token as it is likely', () => {
  const distribution = samplingDistribution(Float32Array.from([0.1, 0.2, 0.3, 0.4], Math.log), ALL);
  const counts = [0, 0, 0, 0];
  const many = 20_000;
  for (let place = 0; place < many; place++) {
    const id = drawn(distribution, seededNumber(7, place));
    counts[id] = (counts[id] ?? 0) + 1;
  }
  // Five standard deviations of a share of 0.4 in 20,000 draws are 0.017.
  counts.forEach((count, id) => expect(Math.abs(count / many - (distribution[id] ?? 0))).toBeLessThan(0.017));
});

test('a seed gives the same numbers always, and another seed others', () => {
  const numbers = (seed: number): readonly number[] =>
    Array.from({ length: 50 }, (_, place) => seededNumber(seed, place));
  expect(numbers(1)).toEqual(numbers(1));
  const both = [...numbers(1), ...numbers(2), ...numbers(2 ** 32 - 1)];
  expect(new Set(both).size).toBe(150);
  expect(both.every((number) => number >= 0 && number < 1)).toBe(true);
});
