/** The lesson: each step of the bundled model computed again from the one before it is the model's own, at every station, layer and head. */
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { ComputedExplanation } from '../../src/engine/text/computedExplanation';
import { loadModel, type LoadedModel } from '../../src/engine/model/loadedModel';
import { apart, innerProduct, softmax } from '../../src/lesson/arithmetic';
import { wrapped } from '../../src/lesson/relativeNumbers';
import { madeOf } from '../../src/lesson/made';
import { valueOf } from '../support/valueOf';
import { formulaName } from '../../src/lesson/formulaName';
import { shuffled } from '../../src/lesson/play';
import { openModel } from '../../src/onnx/graph/onnxFile';
import { needsNumbers, stationsOf } from '../../src/lesson/stations';
import type { GenerateResult, ModelFiles, ProviderReport } from '../../src/protocol/engine';
import type { LessonAnswer, LessonTensor } from '../../src/protocol/answers/lessonAnswers';
import type { LessonPlace, LessonPlay } from '../../src/protocol/lessonPlace';
import { randomEncoder } from '../bench/randomModel';
import { asciiTokenizer } from '../support/asciiTokenizer';
import { lessonOf } from '../support/lessonOf';
import { useNodeRuntime } from './nodeRuntime';
import { BUNDLED, FIXTURES, readFolder } from './reference';
import { wordTokenizer } from './wordTokenizer';

const PROVIDER: ProviderReport = { provider: 'wasm', build: 'cpu', threads: 1, adapter: '', reason: '' };
const NEVER = new AbortController().signal;

const loaded: LoadedModel[] = [];
afterAll(async () => {
  for (const model of loaded.splice(0)) await model.dispose();
});

async function explained(
  name: string,
  files: ModelFiles,
  text: string,
): Promise<{
  readonly model: LoadedModel;
  readonly explanation: ComputedExplanation;
  readonly steps: GenerateResult['steps'];
}> {
  useNodeRuntime();
  const known = loaded.find(({ report }) => report.modelId === name);
  const model =
    known ?? (await loadModel({ modelId: name, version: '', name, files }, PROVIDER, () => undefined, NEVER));
  if (!known) loaded.push(model);
  const { explanation } = await ComputedExplanation.create('a', text, 0, model);
  const steps = model.decoder ? (await explanation.generate(8, NEVER, () => undefined)).steps : [];
  return { model, explanation, steps };
}

interface Seen {
  readonly stage: string;
  readonly step: string;
  /** As a share of the model's largest number where that is over 1: a float32 has some seven digits. */
  readonly difference: number | null;
  readonly reason: string;
}

/** Every station for some layers, heads and tokens, with what each step was apart. */
async function walk(name: string, files: ModelFiles, text: string): Promise<readonly Seen[]> {
  const { model, explanation } = await explained(name, files, text);
  const seen: Seen[] = [];
  for (const { kind, stage } of stationsOf(model.report.family, model.report.kinds)) {
    const info = model.report.kinds.find((one) => one.kind === kind);
    if (!info) throw new Error(`No ${kind}.`);
    if (!needsNumbers(stage)) continue;
    const places = [
      [info.layers - 1, info.heads - 1, 3] as const,
      ...(stage === 'vectors' ? [[0, 0, 0] as const] : []),
    ];
    for (const [layer, head, token] of places) {
      const place = { kind, stage, layer, head, token, feature: 1 };
      const { checks, tensors, gaps } = await lessonOf(explanation, place, files);
      expect(tensors.length + gaps.length, `${kind} ${stage}`).toBeGreaterThan(0);
      for (const { name: step, difference, largest, reason } of checks)
        seen.push({ stage: `${kind} ${stage}`, step, difference: difference && difference / largest, reason });
    }
  }
  explanation.dispose();
  return seen;
}

test('bundled: every step is at most 1e-5 from the model’s own numbers', async () => {
  const text = 'The cat sat on the mat because it was tired.';
  const seen = await walk('bundled:en-fr', readFolder(BUNDLED), text);
  expect(seen.filter(({ difference }) => difference === null || difference > 1e-5)).toEqual([]);
  // Not one kind of step is left out.
  expect(new Set(seen.map(({ step }) => step))).toEqual(
    new Set(
      'stream query key value scores masked weights headOutput heads projected sum normed inner output after logits'.split(
        ' ',
      ),
    ),
  );
}, 60_000);

/** What the lesson does not follow in a model, and says so. */
const OTHERWISE: Readonly<Record<string, readonly string[]>> = {
  // Its embeddings are normalised before the first layer.
  'eager-bert': ['encoder stream: stream'],
  'eager-gpt2': [],
  'eager-t5': [],
  // Its queries and keys are turned by their places after the product.
  'sdpa-llama': ['decoder vectors: query', 'decoder vectors: key'],
};

test.each(Object.keys(OTHERWISE))(
  '%s: each step is the model’s own, or says that it is not followed',
  async (name) => {
    const files = { ...readFolder(join(FIXTURES, name)), 'tokenizer.json': new TextEncoder().encode(asciiTokenizer()) };
    const seen = await walk(name, files, 'Hello there');
    expect(seen.filter(({ difference }) => difference !== null && difference > 2e-5)).toEqual([]);
    expect([
      ...new Set(seen.filter(({ difference }) => difference === null).map(({ stage, step }) => `${stage}: ${step}`)),
    ]).toEqual(OTHERWISE[name]);
  },
  60_000,
);

test('sdpa-llama: its feed-forward network is gated, and the formula says so', async () => {
  const name = 'sdpa-llama';
  const files = { ...readFolder(join(FIXTURES, name)), 'tokenizer.json': new TextEncoder().encode(asciiTokenizer()) };
  const { explanation } = await explained(name, files, 'Hello there');
  const place = { kind: 'decoder', stage: 'feedForward', layer: 1, head: 0, token: 3, feature: 0 } as const;
  const { numbers, activation, checks } = await lessonOf(explanation, place, files);
  expect([formulaName({ stage: 'feedForward', kind: 'decoder' }, numbers), activation]).toEqual([
    'feedForwardGatedPre',
    'SiLU',
  ]);
  expect(checks.find(({ name: step }) => step === 'inner')?.difference).toBeLessThan(2e-5);
  explanation.dispose();
}, 60_000);

const TEXT = 'The cat sat on the mat because it was tired.';
const rowsOf = ({ data, columns, rows }: LessonTensor): readonly Float32Array[] =>
  Array.from({ length: rows }, (_, row) => data.subarray(row * columns, (row + 1) * columns));
const named = ({ tensors }: Pick<LessonAnswer, 'tensors'>, name: string): LessonTensor => {
  const found = tensors.find((tensor) => tensor.name === name);
  if (!found) throw new Error(`No ${name}.`);
  return found;
};

test('eager-gpt2: its norms come first, and what they give is what attention reads', async () => {
  const files = {
    ...readFolder(join(FIXTURES, 'eager-gpt2')),
    'tokenizer.json': new TextEncoder().encode(asciiTokenizer()),
  };
  const { explanation } = await explained('eager-gpt2', files, 'Hello there');
  const at = { kind: 'decoder', layer: 1, head: 0, token: 3, feature: 0 } as const;
  const residual = await lessonOf(explanation, { ...at, stage: 'residual' }, files);
  const vectors = await lessonOf(explanation, { ...at, stage: 'vectors' }, files);
  const end = await lessonOf(explanation, { ...at, stage: 'layerEnd' }, files);
  expect([residual, vectors, end].map(({ numbers }) => numbers['isPostNorm'])).toEqual([0, 0, 0]);
  expect(formulaName({ stage: 'residual', kind: 'decoder' }, residual.numbers)).toBe('residualPre');
  expect(apart(named(residual, 'normed').data, named(vectors, 'queryInput').data)).toBe(0);
  expect(apart(named(residual, 'sum').data, named(residual, 'normed').data)).toBeGreaterThan(0.1);
  expect(apart(named(end, 'sum').data, named(end, 'after').data)).toBeLessThan(1e-5);
  explanation.dispose();
}, 60_000);

/** An angle by its place and pair, as the config says it: place · base^(-2 pair / width of a head). */
const ROTARY: Readonly<Record<string, { readonly base: number; readonly width: number }>> = {
  'sdpa-llama': { base: 10_000, width: 8 },
  'genai-llama-fp32-cpu': { base: 10_000, width: 16 },
};

test.each(Object.keys(ROTARY))(
  '%s: places are angles by place and pair of dimensions',
  async (name) => {
    const files = { ...readFolder(join(FIXTURES, name)), 'tokenizer.json': new TextEncoder().encode(asciiTokenizer()) };
    const { explanation } = await explained(name, files, 'Hello there');
    const place = { kind: 'decoder', stage: 'position', layer: 0, head: 0, token: 5, feature: 0 } as const;
    const answer = await lessonOf(explanation, place, files);
    const angles = named(answer, 'angle');
    const { base, width } = ROTARY[name] ?? { base: 0, width: 0 };
    expect([angles.columns, angles.first]).toEqual([width / 2, 0]);
    rowsOf(angles).forEach((row, at) => {
      const wanted = Array.from(row, (_, pair) => wrapped(at * base ** ((-2 * pair) / width)));
      expect(apart(wanted, row)).toBeLessThan(2e-5);
    });
    expect(answer.checks).toMatchObject([{ name: 'angle', difference: expect.closeTo(0, 5) as number, reason: '' }]);
    expect(formulaName({ stage: 'position', kind: 'decoder' }, answer.numbers)).toBe('positionRotary');
    const made = madeOf(place, answer, 'angle', 1);
    expect(made && valueOf(made, made.value)).toBeCloseTo(rowsOf(angles)[place.token]?.[1] ?? NaN, 5);
    explanation.dispose();
  },
  60_000,
);

/** T5's bucket of a distance (key minus query): `relative_position_bucket` of Raffel et al. 2020, both directions or one. */
function bucketOf(distance: number, isBothWays: boolean, buckets = 32, most = 128): number {
  const all = isBothWays ? buckets / 2 : buckets;
  const far = isBothWays ? Math.abs(distance) : Math.max(0, -distance);
  const exact = all / 2;
  const log = exact + Math.floor((Math.log(far / exact) / Math.log(most / exact)) * (all - exact));
  return (isBothWays && distance > 0 ? all : 0) + (far < exact ? far : Math.min(all - 1, log));
}

/** A float32 weight of a file by its name; its numbers are the last bytes of its message. */
function tableIn(bytes: Uint8Array, name: RegExp): Float32Array {
  const tensors = [...openModel(bytes).graph.all()].flatMap(({ initializers }) => [...initializers.values()]);
  const tensor = tensors.find((one) => name.test(one.name));
  if (!tensor) throw new Error('No table.');
  const size = 4 * tensor.dims.reduce((product, dim) => product * dim, 1);
  return new Float32Array(bytes.slice(tensor.span.end - size, tensor.span.end).buffer);
}

test('eager-t5: what is added to scores by distance and head is the row of its table', async () => {
  const files = {
    ...readFolder(join(FIXTURES, 'eager-t5')),
    'tokenizer.json': new TextEncoder().encode(asciiTokenizer()),
  };
  const { explanation } = await explained('eager-t5', files, 'Hello there, my friend');
  for (const kind of ['encoder', 'decoder'] as const) {
    const place = { kind, stage: 'position', layer: 0, head: 0, token: 6, feature: 0 } as const;
    const answer = await lessonOf(explanation, place, files);
    const distances = rowsOf(named(answer, 'distance'));
    const file = Object.entries(files).find(([path]) => path.includes(kind)) ?? [];
    const table = tableIn(file[1] ?? new Uint8Array(), /relative_attention_bias/);
    const heads = distances.length;
    expect(heads).toBe(4);
    // The decoder's followed token sees itself and those before it.
    expect(distances[0]?.length).toBe(kind === 'decoder' ? place.token + 1 : explanation.tokens.source.length);
    distances.forEach((row, head) => {
      const wanted = Array.from(
        row,
        (_, key) => table[bucketOf(key - place.token, kind === 'encoder') * heads + head] ?? NaN,
      );
      expect(apart(wanted, row)).toBeLessThan(1e-6);
    });
    expect(formulaName({ stage: 'position', kind: 'decoder' }, answer.numbers)).toBe('positionRelative');
    expect(answer.absent.map((one) => one.stage)).not.toContain('position');
    const plain = await lessonOf(explanation, { ...place, stage: 'stream' }, files);
    expect(formulaName({ stage: 'stream', kind: 'decoder' }, plain.numbers)).toBe('streamPlain');
  }
  explanation.dispose();
}, 60_000);

test('bundled: one pass over the output gives what its steps gave, and what is changed travels as it must', async () => {
  const files = readFolder(BUNDLED);
  const { explanation, steps } = await explained('bundled:en-fr', files, TEXT);
  const at = { kind: 'decoder', layer: 0, head: 1, token: 3, feature: 0 } as const;
  const ask = (place: Partial<LessonPlace>, play?: LessonPlay): Promise<LessonAnswer> =>
    lessonOf(explanation, { ...at, stage: 'softmax', ...place }, files, play);

  const { data: forced } = named(await ask({ stage: 'forcing' }), 'forced');
  expect(steps.length).toBeGreaterThan(4);
  for (const { index, chosen } of steps) expect(forced[index]).toBeCloseTo(chosen.probability, 4);

  // Without the mask every token takes part in the softmax, the first layer's scores being what they were.
  const { data: scores } = named(await ask({ stage: 'scores' }), 'scores');
  const unmasked = await ask({}, { change: 'mask' });
  expect(apart(softmax(scores), named(unmasked, 'weights').data)).toBeLessThan(1e-5);
  expect(named({ tensors: unmasked.before }, 'weights').data[5]).toBe(0);
  expect(named(unmasked, 'weights').data[5]).toBeGreaterThan(0);

  // Shuffled positions: another row of the same table is added to the token.
  const positions = named(await ask({ kind: 'encoder', stage: 'position' }), 'position');
  const plain = await ask({ kind: 'encoder', stage: 'stream' });
  const moved = await ask({ kind: 'encoder', stage: 'stream' }, { change: 'positions' });
  const row = rowsOf(positions)[shuffled(positions.rows)[at.token] ?? 0] ?? new Float32Array();
  const { scale = 1 } = plain.numbers;
  const wanted = named(plain, 'embedding').data.map((value, i) => value * scale + (row[i] ?? 0));
  expect(apart(wanted, named(moved, 'stream').data)).toBeLessThan(1e-5);
  expect(apart(wanted, named(plain, 'stream').data)).toBeGreaterThan(0.1);

  // A head that is off gives zeros to the product that joins the heads, and the others what they gave.
  const off = await ask({ stage: 'heads' }, { change: 'head', kind: 'decoder', layer: 0, head: 1 });
  rowsOf(named(off, 'heads')).forEach((own, head) => {
    const before = rowsOf(named({ tensors: off.before }, 'heads'))[head] ?? new Float32Array();
    expect(apart(own, head === 1 ? new Float32Array(own.length) : before)).toBeLessThan(1e-5);
  });

  // Another word gives what the text with that word gives.
  const index = explanation.tokens.source.findIndex(({ text }) => text.includes('mat'));
  const place = { kind: 'encoder', stage: 'softmax', layer: 1, token: index } as const;
  const swapped = await ask(place, { change: 'token', sequence: 'source', index, text: 'dog' });
  expect(swapped.swapped).toMatchObject({ sequence: 'source', index });
  const other = await explained('bundled:en-fr', files, TEXT.replace('mat', 'dog'));
  const own = await lessonOf(other.explanation, { ...at, ...place }, files);
  expect(apart(named(swapped, 'weights').data, named(own, 'weights').data)).toBeLessThan(1e-5);
  await expect(ask(place, { change: 'token', sequence: 'source', index, text: 'xylophonists' })).rejects.toMatchObject({
    code: 'INVALID_REQUEST',
  });
  explanation.dispose();
  other.explanation.dispose();
}, 60_000);

/** Graphs that give less than others do: fused, with other layers between, or quantised. */
const POOR = ['eager-convbert', 'eager-deberta-v2', 'ortfused-bert-Attention', 'quantized-bert'];

test.each(POOR)(
  '%s: no station is empty without a reason, and what cannot be followed is not made up',
  async (name) => {
    const files = { ...readFolder(join(FIXTURES, name)), 'tokenizer.json': new TextEncoder().encode(asciiTokenizer()) };
    const { explanation, model } = await explained(name, files, 'Hi');
    for (const { kind, stage } of stationsOf(model.report.family, model.report.kinds).filter(({ stage }) =>
      needsNumbers(stage),
    )) {
      const { tensors, checks, absent, gaps } = await lessonOf(
        explanation,
        { kind, stage, layer: 0, head: 0, token: 0, feature: 0 },
        files,
      );
      const isGone = absent.some((one) => one.kind === kind && one.stage === stage && one.reason.length > 10);
      expect(tensors.length > 0 || isGone || gaps.some(({ reason }) => reason.length > 10), `${kind} ${stage}`).toBe(
        true,
      );
      for (const { difference, reason } of checks)
        expect(difference === null ? reason : difference, `${kind} ${stage}`).toSatisfy((it) =>
          typeof it === 'string' ? it.length > 10 : it <= 2e-2,
        );
    }
    explanation.dispose();
  },
  60_000,
);

test('eager-bert, sdpa-llama: a text of one token is walked to its end', async () => {
  for (const name of ['eager-bert', 'sdpa-llama']) {
    const files = { ...readFolder(join(FIXTURES, name)), 'tokenizer.json': new TextEncoder().encode(asciiTokenizer()) };
    const { model } = await explained(name, files, 'a');
    const { explanation } = await ComputedExplanation.create('b', 'a', 0, model);
    const { source, target } = explanation.tokens;
    expect(source.length + target.length).toBe(1);
    for (const { kind, stage } of stationsOf(model.report.family, model.report.kinds).filter(({ stage }) =>
      needsNumbers(stage),
    )) {
      const { tensors, checks } = await lessonOf(
        explanation,
        { kind, stage, layer: 0, head: 0, token: 0, feature: 0 },
        files,
      );
      expect(
        tensors.every(({ data }) => data.every((value) => !Number.isNaN(value))),
        `${kind} ${stage}`,
      ).toBe(true);
      expect(checks.filter(({ difference }) => difference !== null && difference > 2e-5)).toEqual([]);
      if (stage === 'softmax') expect([...named({ tensors }, 'weights').data]).toEqual([1]);
    }
    explanation.dispose();
  }
}, 60_000);

test('bundled: of a long text a window round the followed token is shown', async () => {
  const files = readFolder(BUNDLED);
  const { model } = await explained('bundled:en-fr', files, TEXT);
  const { explanation } = await ComputedExplanation.create('c', `${TEXT} `.repeat(30), 0, model);
  const { length } = explanation.tokens.source;
  expect(length).toBeGreaterThan(300);
  const place = { kind: 'encoder', stage: 'embedding', layer: 0, head: 0, token: length - 5, feature: 0 } as const;
  const { rows, first } = named(await lessonOf(explanation, place, files), 'embedding');
  expect([rows, first]).toEqual([16, length - 16]);
  const weights = named(await lessonOf(explanation, { ...place, stage: 'softmax' }, files), 'weights').data;
  expect(weights).toHaveLength(length);
  expect(weights.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 4);
  explanation.dispose();
}, 60_000);

test.each([20_000, 32_768])(
  'the nearest of %i tokens are those of the whole table, which takes several runs',
  async (vocabulary) => {
    const { bytes, table, config } = randomEncoder({ layers: 1, heads: 2, width: 16, inner: 16, vocabulary });
    const files = {
      'config.json': new TextEncoder().encode(JSON.stringify(config)),
      'tokenizer.json': wordTokenizer(vocabulary),
      'model.onnx': bytes,
    };
    const { explanation } = await explained(`table of ${vocabulary}`, files, 'w5 w16383 w19999');
    const rowOf = (id: number): Float32Array => table.subarray(16 * id, 16 * (id + 1));
    const length = (row: Float32Array): number => Math.sqrt(innerProduct(row, row));
    for (const [token, id] of [5, 16_383, 19_999].entries()) {
      const place = { kind: 'encoder', stage: 'embedding', layer: 0, head: 0, token, feature: 0 } as const;
      const { near } = await lessonOf(explanation, place, files);
      const cosines = Array.from({ length: vocabulary }, (_, other) => ({
        id: other,
        cosine: innerProduct(rowOf(id), rowOf(other)) / (length(rowOf(id)) * length(rowOf(other))),
      }));
      const best = cosines.filter((one) => one.id !== id).sort((a, b) => b.cosine - a.cosine);
      expect(near.map((one) => one.id)).toEqual(best.slice(0, 10).map((one) => one.id));
      for (const [at, one] of near.entries()) expect(one.cosine).toBeCloseTo(best[at]?.cosine ?? NaN, 5);
      // In another token's place they are this one's; the true numbers beside them are the other one's.
      const play = { change: 'token', sequence: 'source', index: (token + 1) % 3, text: `w${id}` } as const;
      const played = await lessonOf(explanation, { ...place, token: (token + 1) % 3 }, files, play);
      expect(played.near).toEqual(near);
      expect(played.before.map(({ name }) => name)).toEqual(played.tensors.map(({ name }) => name));
    }
    explanation.dispose();
  },
);

/** Stations that stand greyed in the map, and what is changed in vain. */
const ABSENT: Readonly<Record<string, readonly string[]>> = {
  'eager-bert': [],
  'eager-gpt2': [],
  'sdpa-llama': [],
  'ortfused-bert-MultiHeadAttention': ['encoder scores', 'encoder mask'],
};

test.each(Object.keys(ABSENT))(
  '%s: stations without a tensor are told with their reasons',
  async (name) => {
    const files = { ...readFolder(join(FIXTURES, name)), 'tokenizer.json': new TextEncoder().encode(asciiTokenizer()) };
    const { explanation, model } = await explained(name, files, 'Hello there');
    const kind = model.report.family === 'encoder-only' ? ('encoder' as const) : ('decoder' as const);
    const place = { kind, stage: 'embedding', layer: 0, head: 0, token: 3, feature: 0 } as const;
    const { absent, near, tensors } = await lessonOf(explanation, place, files);
    expect(absent.map((one) => `${one.kind} ${one.stage}`)).toEqual(ABSENT[name]);
    expect(absent.every(({ reason }) => reason.length > 10)).toBe(true);
    // The cosine of two rows of the table is that of the two tokens' embeddings.
    const rows = rowsOf(named({ tensors }, 'embedding'));
    const { first } = named({ tensors }, 'embedding');
    const length = (row: Float32Array): number => Math.sqrt(innerProduct(row, row));
    const own = rows[place.token - first] ?? new Float32Array();
    const { source, target } = explanation.tokens;
    const least = near.at(-1)?.cosine ?? 2;
    expect(near).toHaveLength(10);
    (kind === 'encoder' ? source : target).slice(first, first + rows.length).forEach(({ id }, index) => {
      const row = rows[index] ?? new Float32Array();
      const cosine = innerProduct(own, row) / (length(own) * length(row));
      const listed = near.find((one) => one.id === id);
      if (listed) expect(listed.cosine).toBeCloseTo(cosine, 4);
      else if (cosine < 0.9999) expect(cosine).toBeLessThanOrEqual(least + 1e-5);
    });
    explanation.dispose();
  },
  60_000,
);
