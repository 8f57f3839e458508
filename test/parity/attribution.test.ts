/**
 * Where a token's logit comes from: every part against `transformers`' modules and PyTorch's derivative (attribution.py), the sum against the
 * model's own logit on every kind of model that allows it, and the reason on those that do not.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { AttentionKind } from '../../src/attention/types';
import { ATTRIBUTED, textAttribution } from '../../src/engine/attribution/textAttribution';
import { partsTotal } from '../../src/measure/attribution/attributedKeys';
import type { AttributionReport } from '../../src/protocol/engine';
import { probedGraphs } from '../support/gatedGraphs';
import { fixtureFiles, NEVER, useExplainedFixtures } from './explainedFixture';
import { readFixture, type Reference } from './fixture';
import { attributionOf } from './fixtureAttribution';
import { numbers, type Packed } from './packed';
import { BUNDLED, FIXTURES, largestDifference } from './reference';

interface ExpectedParts {
  readonly logit: number;
  readonly embeddings: number;
  readonly constants: number;
  readonly feedForward: readonly number[];
  readonly keys: readonly (Packed & { readonly kind: AttentionKind; readonly layer: number })[];
}

interface ExpectedAttribution {
  readonly row: number;
  readonly token: number;
  readonly other: number;
  readonly alone: ExpectedParts;
  readonly against: ExpectedParts;
}

const EXPECTED = JSON.parse(
  readFileSync(join(import.meta.dirname, '../fixtures/attribution.json'), 'utf8'),
) as Readonly<Record<string, ExpectedAttribution>>;

/** Files and the reference of the same weights: pre-norm with one last norm (GPT-2, Llama, T5), post-norm (Marian, BART, BERT). */
const TWINS: readonly (readonly [name: string, reference: string, which: 'alone' | 'against'])[] = [
  ['eager-gpt2', 'eager-gpt2', 'alone'],
  ['eager-gpt2', 'eager-gpt2', 'against'],
  ['eager-gpt2-nocache', 'eager-gpt2-nocache', 'against'],
  ['sdpa_dynamo-llama', 'sdpa-llama', 'against'],
  ['eager-t5', 'eager-t5', 'against'],
  ['eager-marian-pair', 'eager-marian-pair', 'alone'],
  ['sdpa-marian', 'sdpa-marian', 'against'],
  ['sdpa-bart', 'sdpa-bart', 'against'],
  ['eager-bert', 'eager-bert', 'against'],
  ['ortfused-bert-Attention', 'eager-bert', 'against'],
];

test.each(TWINS)(
  '%s against transformers’ %s: every part of the likeliest token’s logit, %s',
  async (name, reference, which) => {
    const expected = EXPECTED[reference];
    if (!expected) throw new Error('There is no reference.');
    const { row, token, other } = expected;
    const wanted = expected[which];
    const read = { row, token, other: which === 'alone' ? null : other };
    const found = await attributionOf(readFixture(join(FIXTURES, name)), read);
    expect(found.logit).toBeCloseTo(wanted.logit, 4);
    expect(Math.abs(found.rest.rounding)).toBeLessThan(1e-4);
    expect(found.rest.embeddings).toBeCloseTo(wanted.embeddings, 4);
    expect(found.rest.constants).toBeCloseTo(wanted.constants, 4);
    expect(largestDifference(found.rest.feedForward, Float32Array.from(wanted.feedForward))).toBeLessThan(5e-5);
    // A decoder-only file without a cache looks like an encoder's.
    const isWriter = wanted.keys.some(({ kind }) => kind === 'decoder');
    const kindOf = (kind: AttentionKind): AttentionKind => (kind === 'encoder' && isWriter ? 'decoder' : kind);
    const order = found.kinds.map(({ kind, layer }) => `${kindOf(kind)} ${layer}`);
    expect(order).toEqual(wanted.keys.map(({ kind, layer }) => `${kind} ${layer}`).sort());
    for (const keys of wanted.keys) {
      const own = found.kinds.find(({ kind, layer }) => kindOf(kind) === keys.kind && layer === keys.layer);
      expect([own?.heads, own?.keys]).toEqual(keys.shape);
      expect(largestDifference(own?.values ?? [], numbers(keys))).toBeLessThan(5e-5);
    }
  },
);

const explained = useExplainedFixtures();

async function attributed(
  name: string,
  wanted: { readonly index?: number; readonly token?: number; readonly other?: number | null } = {},
): Promise<{ readonly report: AttributionReport; readonly chosen: number }> {
  const explanation = await explained(name);
  try {
    const steps = explanation.model.report.family === 'encoder-only' ? [] : await written(explanation);
    const graphs = await probedGraphs(explanation.model, fixtureFiles(name), ATTRIBUTED);
    const last = steps.at(-1);
    const { index = last?.index ?? 2, token = last?.chosen.id ?? 5, other = last?.top[1]?.id ?? 7 } = wanted;
    const report = await textAttribution(
      explanation,
      graphs,
      explanation.weights(undefined),
      { index, token, other },
      NEVER,
    );
    return { report, chosen: last?.chosen.id ?? -1 };
  } finally {
    explanation.dispose();
  }
}

const written = async (
  explanation: Awaited<ReturnType<typeof explained>>,
): Promise<Awaited<ReturnType<typeof explanation.generate>>['steps']> =>
  (await explanation.generate(3, NEVER, () => undefined)).steps;

test.each([
  ['eager-bloom', 1e-4],
  ['eager-gemma2', 1e-4], // a norm behind each branch, and logits that are bent afterwards
  ['genai-llama-fp32-cpu', 1e-4], // fused attention, and norms that add first
  ['q4-llama', 1e-4], // weights of four bits
  ['torch-mt5', 1e-4],
  ['dynamo-plbart-whole', 1e-4], // encoder and decoder in one file
  ['quantized-t5', 0.05], // products of integers round, and what they round is told
] as const)('%s: the parts of a step’s difference sum to it', async (name, rounding) => {
  const { report, chosen } = await attributed(name);
  const { kinds, rest, logit } = report;
  expect(report.token.id).toBe(chosen);
  expect(kinds.map(({ kind }) => kind)).toEqual(report.kinds.length === 2 ? ['decoder', 'cross'] : ['decoder']);
  // The greedily chosen one is ahead of the next.
  expect(logit).toBeGreaterThan(0);
  expect(partsTotal(kinds, rest).sum + rest.rounding).toBeCloseTo(logit, 5);
  expect(Math.abs(rest.rounding)).toBeLessThanOrEqual(rounding);
  // A masked self-attention has read no further than the place.
  const self = kinds[0];
  expect(self?.keys).toBeGreaterThan(report.row);
  const beyond = self?.values.filter((_, at) => at % self.keys > report.row) ?? [];
  expect([...beyond].every((value) => value === 0)).toBe(true);
});

test('the bundled model, whose weights are packed and whose norms stand in the stream: all is accounted for', async () => {
  const ids = { input_ids: [5, 100, 200, 300, 0], decoder_input_ids: [11999, 20, 30, 40] };
  const fixture = { ...readFixture(BUNDLED), reference: { ...ids, attentions: {} } as unknown as Reference };
  const { rest, size } = await attributionOf(fixture, { row: 3, token: 100, other: 101 });
  expect(Math.abs(rest.rounding)).toBeLessThan(1e-4);
  expect(size).toBeGreaterThan(0);
});

test.each([
  ['eager-albert', 1e-4],
  ['torch-roberta-positions', 1e-4], // takes its positions as an input, which count from two
  ['eager-distilbert', 1e-4],
  ['sdpa-modernbert', 1e-4], // pre-norm, and a head without biases
  ['eager-deberta-v2', 1e-4],
  ['fp16-bert', 0.05],
  ['quantized-bert', 0.2],
] as const)(
  '%s: a masked-language model’s head is passed through, and all sums to the difference',
  async (name, rounding) => {
    const { report } = await attributed(name);
    const { kinds, rest, logit, row, index, sequence } = report;
    expect([sequence, row]).toEqual(['source', index]);
    expect(kinds.map(({ kind }) => kind)).toEqual(['encoder']);
    expect(partsTotal(kinds, rest).sum + rest.rounding).toBeCloseTo(logit, 5);
    expect(Math.abs(rest.rounding)).toBeLessThanOrEqual(rounding);
  },
);

test('a model whose form does not allow it says why; a place or a token that is none is refused', async () => {
  await expect(attributed('eager-convbert')).rejects.toMatchObject({
    code: 'MODEL_UNSUPPORTED',
    message: expect.stringContaining('joined with other features before they are projected') as string,
  });
  // The cache of a window keeps the values of its last tokens alone.
  await expect(attributed('genai-gemma2-window')).rejects.toMatchObject({
    code: 'MODEL_UNSUPPORTED',
    message: expect.stringContaining('other shapes than the weights') as string,
  });
  for (const wanted of [{ index: 0 }, { index: 500 }, { token: 1e6 }, { other: -1 }, { token: 5, other: 5 }])
    await expect(attributed('eager-gpt2', wanted)).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
});
