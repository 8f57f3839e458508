/** What files, servers and pages can make as long or as large as they like has an end, and a code. */
import { describe, expect, test } from 'vitest';
import { boundedReport } from '../../src/engine/boundedReport';
import { findExternalData, findGraphs, readJson } from '../../src/engine/files/modelFiles';
import { checkSame } from '../../src/engine/trial/sameResults';
import { ExplainError } from '../../src/errors';
import { openModel } from '../../src/onnx/graph/onnxFile';
import type { ModelReport } from '../../src/protocol/engine';
import { chooseGreedy } from '../../src/transformer/choice';
import { probabilityOf, topTokens } from '../../src/transformer/probabilities';
import { readModelSpec } from '../../src/transformer/spec';
import { readRecipe } from '../../src/session/recipe/recipe';
import { modelBytes } from './onnx/modelBuilder';

const codeOf = (run: () => unknown): string => {
  try {
    run();
    return 'nothing thrown';
  } catch (thrown) {
    return thrown instanceof ExplainError ? thrown.code : `not coded: ${String(thrown)}`;
  }
};

test('names of megabytes in an error are cut, and what else there is to say stays', () => {
  const error = new ExplainError('COUNT_MISMATCH', 'x'.repeat(1e7), {
    detail: ['n'.repeat(12_000_000).slice(0, 600_000), 'the other reason'].join('\n'),
  });
  expect(error.message.length).toBeLessThan(2100);
  expect(error.detail).toMatch(/^n{1000}… \(599000 more characters\)\nthe other reason$/);
  const many = new ExplainError('INTERNAL', 'x', { detail: 'line\n'.repeat(5_000_000) });
  expect(many.detail?.length).toBeLessThan(101_000);
});

test('a model’s report leaves the worker with an end to its lists', () => {
  const notes = Array.from({ length: 5000 }, () => 'n'.repeat(5000));
  const alignmentHeads = Array.from({ length: 200_000 }, () => ({ kind: 'cross', layer: 0, head: 0 }) as const);
  const report = boundedReport({ name: 'a', notes, alignmentHeads } as unknown as ModelReport);
  expect([report.name, report.notes.length, report.notes[0]?.length]).toEqual(['a', 200, 1001]);
  expect(report.alignmentHeads.length).toBe(1000);
});

describe('a configuration', () => {
  const config = { model_type: 'gpt2', architectures: ['GPT2LMHeadModel'], vocab_size: 300_000 };
  const ids = Array.from({ length: 200_000 }, (_, i) => i);

  test('with 200,000 end tokens, or as many in another list, is refused with a code', () => {
    for (const extra of [{ eos_token_id: ids }, { suppress_tokens: ids }, { bad_words_ids: ids.map((id) => [id]) }])
      expect(codeOf(() => readModelSpec({ ...config, ...extra }))).toBe('MODEL_CONFIG_INVALID');
    expect(readModelSpec({ ...config, eos_token_id: ids.slice(0, 1000) }).endOfSequence.length).toBe(1000);
  });

  test('with many tokens in a list makes a choice', () => {
    const rules = { ...readModelSpec(config).rules, suppressed: ids, beginSuppressed: ids, minLength: 5 };
    const context = { target: [0], given: 1, endOfSequence: ids, last: false };
    expect(
      chooseGreedy(
        Float32Array.from({ length: 200_001 }, (_, i) => -i),
        rules,
        context,
      ),
    ).toBe(200_000);
  });
});

test('a Max of 300,000 inputs is looked through', () => {
  const inputs = Array.from({ length: 300_000 }, (_, i) => (i === 0 ? 'x' : 'w'));
  const model = openModel(
    modelBytes({
      nodes: [{ op: 'Max', inputs, outputs: ['y'] }],
      weights: { w: { dims: [2], data: new Float32Array([1, 2]) } },
      inputs: [{ name: 'x', type: 'float', dims: [2] }],
      outputs: [{ name: 'y', type: 'float', dims: [2] }],
    }),
  );
  expect(codeOf(() => model.flow)).toBe('nothing thrown');
});

test('files whose names every object has are not there unless they are', () => {
  const model = new Uint8Array([1]);
  const files = { 'model.onnx': model };
  const [graph] = findGraphs(files);
  if (!graph) throw new Error('no graph');
  for (const name of ['constructor', 'toString', '__proto__', './hasOwnProperty'])
    expect(codeOf(() => findExternalData(files, graph, [name]))).toBe('MODEL_FILE_MISSING');
  expect(codeOf(() => readJson(files, 'constructor', true))).toBe('MODEL_FILE_MISSING');
  const named = Object.fromEntries([...Object.entries(files), ['constructor', new Uint8Array([7])]]);
  expect(findExternalData(named, graph, ['constructor'])[0]?.data).toEqual(new Uint8Array([7]));
});

describe('logits that are no numbers', () => {
  test.each([
    ['NaN', [1, NaN, 2]],
    ['NaN at the end', [1, 2, 3, NaN]],
    ['infinity', [1, Infinity, 2]],
    ['all minus infinity', [-Infinity, -Infinity]],
    ['none', []],
  ])('%s: said, and no probability made of them', (_, logits) => {
    expect(codeOf(() => topTokens(new Float32Array(logits)))).toBe('NOT_FINITE');
    if (logits.length > 0) expect(codeOf(() => probabilityOf(new Float32Array(logits), 0))).toBe('NOT_FINITE');
  });

  test('a token that is ruled out by minus infinity is none of them', () => {
    expect(topTokens(new Float32Array([0, -Infinity]))).toEqual([
      { id: 0, probability: 1 },
      { id: 1, probability: 0 },
    ]);
  });

  test('of the file itself are not taken for a fault of reading its attention', () => {
    const numbers = new Float32Array([1, NaN]);
    expect(codeOf(() => checkSame(numbers, numbers, 'model.onnx', 1e-3))).toBe('NOT_FINITE');
    expect(codeOf(() => checkSame(numbers, new Float32Array([1, 2]), 'model.onnx', 1e-3))).toBe('SELFTEST_FAILED');
  });
});

describe('a recipe that a page has kept', () => {
  const recipe = {
    version: 1,
    modelId: 'bundled:en-fr',
    uri: 'file:///a.txt',
    start: 0,
    end: 4,
    hash: 'ab',
    windowStart: 0,
    masked: [],
    chat: false,
    forced: null,
    branches: [],
    steps: 3,
  };
  const long = 'x'.repeat(5_000_000);

  test.each([
    ['1e300 steps', { steps: 1e300 }],
    ['a window beyond all texts', { windowStart: 1e15 }],
    ['5 MB of text', { forced: long }],
    ['5 MB of an address', { uri: `file:///${long}` }],
    ['a million masks', { masked: Array.from({ length: 1_000_000 }, (_, i) => i) }],
    ['a million branches', { branches: Array.from({ length: 1_000_000 }, (_, step) => ({ step, token: 1 })) }],
  ])('with %s is none', (_, change) => {
    expect(readRecipe({ ...recipe, ...change })).toEqual({ type: 'dropped', why: 'damaged' });
    expect(readRecipe(recipe)).toMatchObject({ type: 'recipe', recipe: { uri: recipe.uri, steps: 3 } });
  });
});
