/** What models with a task head answer, through the engine's own parts, against `transformers` (test/fixtures/tasks). */
import { describe, expect, test } from 'vitest';
import { headCosts } from '../../src/engine/ablation/headCosts';
import { headsOff } from '../../src/engine/ablation/headsOff';
import { inputWithout } from '../../src/engine/ablation/inputWithout';
import { leaveOut } from '../../src/engine/ablation/leaveOut';
import { maskFit } from '../../src/engine/ablation/maskFit';
import { ATTRIBUTED, textAttribution } from '../../src/engine/attribution/textAttribution';
import { ComputedExplanation } from '../../src/engine/text/computedExplanation';
import type {
  LabelsResult,
  OutputChange,
  SimilarityResult,
  SpanResult,
  TaskAnswer,
  TextPair,
  TokenLabelsResult,
} from '../../src/protocol/engine';
import { gatedGraphs, probedGraphs } from '../support/gatedGraphs';
import { difference } from './compare';
import { NEVER } from './explainedFixture';
import { casesOf, taskFiles, useTasks, type TaskCase } from './taskFixture';

const load = useTasks();
/** Agreement wanted of float32 files (fixtures' README). */
const TOLERANCE = 2e-5;

type Model = Awaited<ReturnType<typeof load>>;

async function read(model: Model, text: string, pair?: TextPair) {
  const { explanation, encoded } = await ComputedExplanation.create('a', text, 0, model, pair ? { pair } : {});
  return { explanation, encoded, answer: encoded.answer };
}

function labelsOf(answer: TaskAnswer | undefined): LabelsResult {
  if (answer?.result?.type !== 'labels') throw new Error('No labels.');
  return answer.result;
}

/** In the config's order. */
const labelIn = ({ answer }: OutputChange, label: number): LabelsResult['labels'][number] | undefined =>
  answer?.type === 'labels' ? answer.labels.find(({ id }) => id === label) : undefined;

const byId = ({ labels }: LabelsResult): LabelsResult['labels'] => [...labels].sort((one, other) => one.id - other.id);

describe.each([
  { name: 'bert-sentiment', meaning: 'single', labels: ['negative', 'neutral', 'positive'], gaps: [] },
  { name: 'distilbert-topics', meaning: 'multi', labels: ['film', 'animals', 'places', 'music'], gaps: [] },
  { name: 'bert-stars', meaning: 'regression', labels: ['LABEL_0'], gaps: [] },
  { name: 'gpt2-labels', meaning: 'single', labels: ['LABEL_0', 'LABEL_1'], gaps: ['LABELS_MISSING'] },
])('$name', ({ name, meaning, labels, gaps }) => {
  test('labels, logits and probabilities are those of transformers’ pipeline, read from the right token', async () => {
    const model = await load(name);
    expect(model.report).toMatchObject({ task: 'labels', fillsMasks: false, family: 'encoder-only' });
    for (const one of casesOf(name)) {
      const { explanation, encoded, answer } = await read(model, one.text);
      expect(encoded.source.map(({ id }) => id)).toEqual(one.ids);
      const result = labelsOf(answer);
      expect(answer?.gaps.map(({ code }) => code)).toEqual(gaps);
      expect(result).toMatchObject({ meaning, count: labels.length });
      const scored = byId(result);
      expect(scored.map(({ label }) => label)).toEqual(labels);
      expect(
        difference(
          Float32Array.from(scored, ({ logit }) => logit),
          one.logits.data,
        ),
      ).toBeLessThan(TOLERANCE);
      const shown = scored.map(({ logit, probability }) => probability ?? logit);
      expect(difference(Float32Array.from(shown), one.scores)).toBeLessThan(TOLERANCE);
      // The likeliest first.
      expect(result.labels.map(({ logit }) => logit)).toEqual(
        [...result.labels.map(({ logit }) => logit)].sort((a, b) => b - a),
      );
      expect(result.from).toEqual([name === 'gpt2-labels' ? one.ids.length - 1 : 0]);
      explanation.dispose();
    }
  });
});

test('a label for each token of the text, as transformers’ pipeline has them', async () => {
  const model = await load('bert-entities');
  expect(model.report).toMatchObject({ task: 'token-labels', fillsMasks: false });
  const labels = Object.values({ 0: 'O', 1: 'B-PER', 2: 'B-LOC', 3: 'B-ORG', 4: 'I-ORG' });
  for (const one of casesOf('bert-entities')) {
    const { explanation, answer } = await read(model, one.text);
    const { tokens } = answer?.result as TokenLabelsResult;
    expect(tokens.map(({ index }) => index)).toEqual(one.ids.map((_, at) => at).slice(1, -1));
    for (const { index, top } of tokens) {
      const logits = one.logits.data.slice(index * labels.length, (index + 1) * labels.length);
      for (const { id, logit } of top) expect(Math.abs(logit - (logits[id] ?? NaN))).toBeLessThan(TOLERANCE);
      const [best] = top;
      const found = one.found.find((entity) => entity.index === index);
      expect(best?.label).toBe(found?.entity ?? 'O');
      if (found) expect(Math.abs((best?.probability ?? NaN) - found.score)).toBeLessThan(TOLERANCE);
    }
    explanation.dispose();
  }
});

test('a label list that is no name for each logit is not believed, and said; so is none; the numbers stay', async () => {
  const { logits } = casesOf('bert-sentiment')[0] ?? { logits: { data: [] } };
  const wanted = [
    { said: { id2label: { 0: 'bad', 1: 'good' } }, code: 'LABELS_MISMATCH' },
    { said: { id2label: { 0: 'a', 1: 'b', 2: 'c', 3: 'd' } }, code: 'LABELS_MISMATCH' },
    { said: { id2label: { 0: 'a', 2: 'c' } }, code: 'LABELS_MISMATCH' },
    { said: { id2label: undefined }, code: 'LABELS_MISSING' },
    { said: { id2label: ['a', 'b', 'c'] }, code: 'LABELS_MISSING' },
  ];
  for (const { said, code } of wanted) {
    const model = await load('bert-sentiment', said);
    const { explanation, answer } = await read(model, 'the film was wonderful');
    expect(answer?.gaps.map((gap) => gap.code)).toEqual([code]);
    const scored = byId(labelsOf(answer));
    expect(scored.map(({ label }) => label)).toEqual(['LABEL_0', 'LABEL_1', 'LABEL_2']);
    expect(
      difference(
        Float32Array.from(scored, ({ logit }) => logit),
        logits.data,
      ),
    ).toBeLessThan(TOLERANCE);
    expect(explanation.store.rows('encoder')).toBe(6);
    explanation.dispose();
  }
});

test('where a logit comes from is not told of a model that answers a task: it gives none of tokens', async () => {
  const model = await load('bert-sentiment');
  const graphs = await probedGraphs(model, taskFiles('bert-sentiment'), ATTRIBUTED);
  const { explanation } = await read(model, 'the film was wonderful');
  const wanted = { index: 1, token: 5, other: null };
  await expect(
    textAttribution(explanation, graphs, explanation.weights(undefined), wanted, NEVER),
  ).rejects.toMatchObject({
    code: 'MODEL_UNSUPPORTED',
    message: expect.stringContaining('it answers a task and writes no tokens') as string,
  });
  explanation.dispose();
});

/** Each word in turn, by its place among the tokens. */
const eachWord = (text: string) => text.split(' ').map((_, at) => ({ from: at + 1, to: at + 2 }));
const without = (text: string, at: number): string => text.split(' ').toSpliced(at, 1).join(' ');
const nothing = (): void => undefined;

test.each([
  {
    name: 'bert-sentiment',
    label: 0,
    score: ({ probability }: LabelsResult['labels'][number]) => Math.log(probability ?? NaN),
  },
  {
    name: 'distilbert-topics',
    label: 1,
    score: ({ probability }: LabelsResult['labels'][number]) => Math.log(probability ?? NaN),
  },
  { name: 'bert-stars', label: 0, score: ({ logit }: LabelsResult['labels'][number]) => logit },
])(
  '$name: what a word is worth to a label is what reading the shorter text changes',
  async ({ name, label, score }) => {
    const model = await load(name);
    const graphs = await gatedGraphs(model, taskFiles(name));
    const text = 'the film was wonderful';
    const scoreOf = async (read_: string): Promise<number> => {
      const { explanation, answer } = await read(model, read_);
      explanation.dispose();
      return score(byId(labelsOf(answer))[label] ?? { id: 0, label: '', logit: NaN, probability: NaN });
    };
    const { explanation } = await read(model, text);
    const wanted = { ranges: eachWord(text), manner: 'removed', label } as const;
    const costs = await leaveOut(explanation, graphs, wanted, nothing, NEVER);
    const plain = await scoreOf(text);
    expect(costs.label).toMatchObject({ id: label });
    expect(costs.plain).toBeCloseTo(plain, 4);
    for (const [at, cost] of costs.costs.entries())
      expect(plain - cost).toBeCloseTo(await scoreOf(without(text, at)), 4);
    expect(costs.agreement).toMatchObject({ kind: 'encoder', layers: 2, heads: 2 });
    await expect(leaveOut(explanation, graphs, { ...wanted, label: 9 }, nothing, NEVER)).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
    });
    // Without the first two words, and without a head: the labels of the shorter text, and what ranking heads found.
    const both = { ranges: [{ from: 1, to: 3 }], manner: 'removed' } as const;
    const less = labelIn(await inputWithout(explanation, graphs, both, NEVER), label);
    expect(less && score(less)).toBeCloseTo(await scoreOf('was wonderful'), 4);
    // With all heads on the label is as likely as the model says; without some of them it is another number.
    const heads = await headCosts(explanation, graphs, { kind: 'encoder', label }, nothing, undefined);
    expect(heads).toMatchObject({ label: { id: label }, gaps: [], done: 4 });
    expect(heads.plain).toBeCloseTo(plain, 4);
    const off = [{ kind: 'encoder', layer: 1, head: 0 }] as const;
    const without1 = labelIn(await headsOff(explanation, graphs, { off }, undefined), label);
    expect(without1 && score(without1)).toBeCloseTo(plain - (heads.costs[2] ?? NaN), 4);
    expect(heads.costs.every((cost) => Number.isFinite(cost) && cost !== 0)).toBe(true);
    explanation.dispose();
  },
);

test('what a word is worth to the labels of the others', async () => {
  const model = await load('bert-entities');
  const graphs = await gatedGraphs(model, taskFiles('bert-entities'));
  const { explanation, answer } = await read(model, 'Mary lives in Paris');
  const { tokens } = answer?.result as TokenLabelsResult;
  const [best] = tokens[0]?.top ?? [];
  const wanted = { ranges: [{ from: 2, to: 3 }], manner: 'removed', outputs: [1] } as const;
  const { plain, costs, outputs } = await leaveOut(explanation, graphs, wanted, nothing, NEVER);
  expect(outputs).toEqual([1]);
  expect(plain).toBeCloseTo(Math.log(best?.probability ?? NaN), 4);
  const shorter = (await read(model, 'Mary in Paris')).answer?.result as TokenLabelsResult;
  const same = shorter.tokens[0]?.top.find(({ id }) => id === best?.id);
  expect(plain - (costs[0] ?? NaN)).toBeCloseTo(Math.log(same?.probability ?? NaN), 4);
  explanation.dispose();
});

/** Two texts as two selections give them, a line each. */
function joined(one: string, other: string): { readonly text: string; readonly pair: TextPair } {
  const first = { start: 0, end: one.length };
  return {
    text: `${one}\n${other}`,
    pair: { first, second: { start: one.length + 1, end: one.length + 1 + other.length } },
  };
}

/** The last layer's weights are those of `transformers`, and the tokens are the tokenizer's. */
function expectReference({ explanation, encoded }: Awaited<ReturnType<typeof read>>, one: TaskCase): void {
  expect(encoded.source.map(({ id }) => id)).toEqual(one.ids);
  expect(encoded.source.map(({ type = 0 }) => type)).toEqual(one.types);
  const { heads } = explanation.store.info('encoder');
  const weights = explanation.store.kind('encoder');
  const rows = Array.from({ length: heads }, (_, head) => [...weights.headRows(1, head)]).flat();
  expect(difference(Float32Array.from(rows), one.attention.data)).toBeLessThan(TOLERANCE);
}

test('a cross-encoder’s score of two texts, and what a word of either is worth to it', async () => {
  const model = await load('bert-cross-encoder');
  expect(model.report).toMatchObject({ task: 'labels', pairs: true });
  const graphs = await gatedGraphs(model, taskFiles('bert-cross-encoder'));
  for (const one of casesOf('bert-cross-encoder')) {
    const { text, pair } = joined(one.text, one.pair ?? '');
    const known = await read(model, text, pair);
    expectReference(known, one);
    expect(known.answer?.gaps).toEqual([]);
    const result = labelsOf(known.answer);
    expect(result).toMatchObject({ meaning: 'score', count: 1, from: [0] });
    expect(Math.abs((result.labels[0]?.probability ?? NaN) - (one.scores[0] ?? NaN))).toBeLessThan(TOLERANCE);
    // Offsets are those of the joined text; the second text's tokens are marked.
    const last = known.encoded.source.at(-2);
    expect(text.slice(last?.start, last?.end)).toBe(one.pair?.split(' ').at(-1));
    expect(known.encoded.source.filter(({ second }) => second).length).toBe(one.pair?.split(' ').length);

    const words = one.text.split(' ').length;
    const ranges = [
      { from: 1, to: 2 },
      { from: words + 2, to: words + 3 },
    ];
    const { costs, plain } = await leaveOut(known.explanation, graphs, { ranges, manner: 'removed' }, nothing, NEVER);
    const shorter = [joined(without(one.text, 0), one.pair ?? ''), joined(one.text, without(one.pair ?? '', 0))];
    for (const [at, other] of shorter.entries()) {
      const { explanation, answer } = await read(model, other.text, other.pair);
      const score = Math.log(labelsOf(answer).labels[0]?.probability ?? NaN);
      expect(plain - (costs[at] ?? NaN)).toBeCloseTo(score, 4);
      explanation.dispose();
    }
    known.explanation.dispose();
  }
});

test('the answer to a question in a context, its start and its end', async () => {
  const model = await load('bert-answers');
  expect(model.report).toMatchObject({ task: 'span', pairs: true });
  for (const one of casesOf('bert-answers')) {
    const { text, pair } = joined(one.text, one.pair ?? '');
    const known = await read(model, text, pair);
    expectReference(known, one);
    const result = known.answer?.result as SpanResult;
    const [best] = result.answers;
    expect(best).toMatchObject({ from: one.best.start, to: one.best.end + 1 });
    expect(Math.abs((best?.probability ?? NaN) - one.best.score)).toBeLessThan(TOLERANCE);
    expect(Math.abs(result.none - one.none)).toBeLessThan(TOLERANCE);
    // An answer is of the context only, and both ends' shares are of it and of no answer.
    const context = known.encoded.source.map(({ second }) => second === true);
    for (const shares of [result.begins, result.ends]) {
      expect(shares.every((share, at) => share === 0 || context[at] === true)).toBe(true);
      expect(shares.reduce((sum, share) => sum + share, 0)).toBeLessThan(1);
    }
    known.explanation.dispose();
  }
});

test('what a word of the question or of the context, and a head, is worth to the answer', async () => {
  const model = await load('bert-answers');
  const graphs = await gatedGraphs(model, taskFiles('bert-answers'));
  for (const one of casesOf('bert-answers')) {
    const [question, context] = [one.text, one.pair ?? ''];
    const { text, pair } = joined(question, context);
    const { explanation, encoded, answer } = await read(model, text, pair);
    const [best] = (answer?.result as SpanResult).answers;
    if (!best) throw new Error('No answer.');
    const words = question.split(' ').length;
    const second = encoded.source.findIndex((token) => token.second);
    const ranges = encoded.source.flatMap(({ special }, from) => (special ? [] : [{ from, to: from + 1 }]));
    const { costs, plain, label } = await leaveOut(explanation, graphs, { ranges, manner: 'removed' }, nothing, NEVER);
    expect(label).toMatchObject({
      label: text.slice(encoded.source[best.from]?.start, encoded.source[best.to - 1]?.end),
    });
    expect(plain).toBeCloseTo(Math.log(best.probability), 4);
    for (const [at, { from }] of ranges.entries()) {
      if (best.from <= from && from < best.to) {
        expect(costs[at]).toBeNaN();
        continue;
      }
      const isQuestion = from < second;
      const other = isQuestion
        ? joined(without(question, from - 1), context)
        : joined(question, without(context, from - words - 2));
      const shorter = await read(model, other.text, other.pair);
      const { begins, ends } = shorter.answer?.result as SpanResult;
      const by = from < best.from ? 1 : 0;
      const score = Math.log(begins[best.from - by] ?? NaN) + Math.log(ends[best.to - 1 - by] ?? NaN);
      expect(plain - (costs[at] ?? NaN)).toBeCloseTo(score, 3);
      shorter.explanation.dispose();
    }
    // Replaced in its place: nothing moves, and the answer is still there.
    const replaced = await leaveOut(
      explanation,
      graphs,
      { ranges: ranges.slice(0, 1), manner: 'replaced' },
      nothing,
      NEVER,
    );
    expect(Number.isFinite(replaced.costs[0])).toBe(true);
    const heads = await headCosts(explanation, graphs, { kind: 'encoder' }, nothing, undefined);
    expect(heads.plain).toBeCloseTo(Math.log(best.probability), 4);
    expect(heads.costs.every((cost) => Number.isFinite(cost) && cost !== 0)).toBe(true);
    // The answer is in one of the pieces: there is nothing to fit.
    await expect(maskFit(explanation, graphs, { ranges, manner: 'removed' }, nothing, NEVER)).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
      message: expect.stringContaining('an output that is in none of the pieces') as string,
    });
    explanation.dispose();
  }
});

test('without a word: the answer that the other text gets, its tokens counted in the whole one; without a head: what ranking found', async () => {
  const off = [{ kind: 'encoder', layer: 1, head: 0 }] as const;
  const out = { ranges: [{ from: 2, to: 3 }], manner: 'removed' } as const;
  const place = (at: number): number => (at < 2 ? at : at + 1);

  const model = await load('bert-answers');
  const graphs = await gatedGraphs(model, taskFiles('bert-answers'));
  const [one] = casesOf('bert-answers');
  const [question, context] = [one?.text ?? '', one?.pair ?? ''];
  const { text, pair } = joined(question, context);
  const { explanation, answer } = await read(model, text, pair);
  const [best] = (answer?.result as SpanResult).answers;
  if (!best) throw new Error('No answer.');
  const less = (await inputWithout(explanation, graphs, out, NEVER)).answer as SpanResult;
  const other = joined(without(question, 1), context);
  const shorter = (await read(model, other.text, other.pair)).answer?.result as SpanResult;
  expect(less.none).toBeCloseTo(shorter.none, 5);
  expect(less.answers.map(({ from, to }) => [from, to])).toEqual(
    shorter.answers.map(({ from, to }) => [place(from), place(to - 1) + 1]),
  );
  less.answers.forEach(({ probability }, at) =>
    expect(probability).toBeCloseTo(shorter.answers[at]?.probability ?? NaN, 5),
  );
  shorter.begins.forEach((share, at) => expect(less.begins[place(at)]).toBeCloseTo(share, 5));
  const { costs, plain } = await headCosts(explanation, graphs, { kind: 'encoder' }, nothing, undefined);
  const { begins, ends } = (await headsOff(explanation, graphs, { off }, undefined)).answer as SpanResult;
  expect(Math.log((begins[best.from] ?? 0) * (ends[best.to - 1] ?? 0))).toBeCloseTo(plain - (costs[2] ?? NaN), 4);
  // Without the context there is nothing to answer from.
  const second = explanation.tokens.source.findIndex((token) => token.second);
  const all = { ranges: [{ from: second, to: explanation.tokens.source.length - 1 }], manner: 'removed' } as const;
  await expect(inputWithout(explanation, graphs, all, NEVER)).rejects.toMatchObject({ code: 'INVALID_REQUEST' });

  const sentences = await load('bert-sentences');
  const gated = await gatedGraphs(sentences, taskFiles('bert-sentences'));
  const two = joined('the film was wonderful', 'a long and boring plot');
  const alike = await read(sentences, two.text, two.pair);
  const fewer = joined('the was wonderful', 'a long and boring plot');
  const cosineOf = (result: unknown): number => (result as SimilarityResult).cosine ?? NaN;
  expect(cosineOf((await inputWithout(alike.explanation, gated, out, NEVER)).answer)).toBeCloseTo(
    cosineOf((await read(sentences, fewer.text, fewer.pair)).answer?.result),
    5,
  );
  const worth = await headCosts(alike.explanation, gated, { kind: 'encoder' }, nothing, undefined);
  expect(cosineOf((await headsOff(alike.explanation, gated, { off }, undefined)).answer)).toBeCloseTo(
    worth.plain - (worth.costs[2] ?? NaN),
    5,
  );

  const entities = await load('bert-entities');
  const named = await read(entities, 'Mary lives in Paris');
  const rest = (await read(entities, 'Mary in Paris')).answer?.result as TokenLabelsResult;
  const told = (
    await inputWithout(named.explanation, await gatedGraphs(entities, taskFiles('bert-entities')), out, NEVER)
  ).answer as TokenLabelsResult;
  expect(told.tokens.map(({ index }) => index)).toEqual([1, 3, 4]);
  told.tokens.forEach(({ top: [first] }, at) => {
    expect(first?.label).toBe(rest.tokens[at]?.top[0]?.label);
    expect(first?.probability).toBeCloseTo(rest.tokens[at]?.top[0]?.probability ?? NaN, 5);
  });
  for (const { explanation: known } of [{ explanation }, alike, named]) known.dispose();
});

test('one text where two are needed, half of a pair with nothing in it, a question that leaves no room', async () => {
  const answers = await load('bert-answers');
  const alone = await read(answers, 'Mary lives in Paris');
  expect(alone.answer).toMatchObject({ result: null, gaps: [{ code: 'PAIR_NEEDED' }] });
  expect(alone.explanation.store.rows('encoder')).toBe(6);
  const crossEncoder = await load('bert-cross-encoder');
  const half = await read(crossEncoder, 'the cat sat');
  expect(half.answer).toMatchObject({ result: { type: 'labels' }, gaps: [{ code: 'PAIR_NEEDED' }] });
  const empty = joined('the cat sat', '  ');
  await expect(read(answers, empty.text, empty.pair)).rejects.toMatchObject({ code: 'NO_TOKENS' });
  const long = joined('the cat sat '.repeat(20).trim(), 'the dog slept on the mat near the river .');
  await expect(read(answers, long.text, long.pair)).rejects.toMatchObject({ code: 'SELECTION_TOO_LARGE' });
  // Of a long context as much is read as there is room for, and another part of it where that is asked for.
  const context = joined('where does Mary live ?', 'Mary lives in Paris . '.repeat(20).trim());
  const { encoded, explanation } = await read(answers, context.text, context.pair);
  expect(encoded.source.length).toBeLessThanOrEqual(64);
  expect(encoded.source.slice(0, 7).map(({ text }) => text)).toEqual([
    '[CLS]',
    'where',
    'does',
    'Mary',
    'live',
    '?',
    '[SEP]',
  ]);
  expect(encoded.window).toMatchObject({ totalTokens: 100, start: 0 });
  for (const one of [alone.explanation, half.explanation, explanation]) one.dispose();
});

test('two texts are compared by the mean of their last states, each read by itself; by [CLS] where the files say so', async () => {
  const model = await load('bert-sentences');
  expect(model.report).toMatchObject({ task: 'embedding', pairs: true, fillsMasks: false });
  const cases = casesOf('bert-sentences');
  const [one, other] = cases;
  if (!one || !other) throw new Error('No cases.');
  const { text, pair } = joined(one.text, other.text);
  const known = await read(model, text, pair);
  // On show is the first text alone, as it is where nothing is compared.
  expectReference(known, one);
  const dot = (a: readonly number[], b: readonly number[]): number =>
    a.reduce((sum, value, at) => sum + value * (b[at] ?? NaN), 0);
  const [a, b] = [one.vector.data, other.vector.data];
  const cosine = dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
  const result = known.answer?.result as SimilarityResult;
  expect(result).toMatchObject({ type: 'similarity', dimensions: 16, pooling: 'mean', assumed: true });
  expect(Math.abs((result.cosine ?? NaN) - cosine)).toBeLessThan(TOLERANCE);
  expect(known.answer?.gaps).toEqual([]);
  // What a word is worth to it is what reading the shorter text changes; heads are switched off in both texts.
  const graphs = await gatedGraphs(model, taskFiles('bert-sentences'));
  const ranges = eachWord(one.text);
  const costs = await leaveOut(known.explanation, graphs, { ranges, manner: 'removed' }, nothing, NEVER);
  expect(costs.plain).toBeCloseTo(cosine, 4);
  for (const [at, cost] of costs.costs.entries()) {
    const less = joined(without(one.text, at), other.text);
    const shorter = await read(model, less.text, less.pair);
    expect(costs.plain - cost).toBeCloseTo((shorter.answer?.result as SimilarityResult).cosine ?? NaN, 4);
    shorter.explanation.dispose();
  }
  const twins = joined(one.text, one.text);
  const twin = await read(model, twins.text, twins.pair);
  const heads = await headCosts(twin.explanation, graphs, { kind: 'encoder' }, nothing, undefined);
  // A text with itself is as alike as can be, whatever is off in both.
  expect(heads.plain).toBeCloseTo(1, 5);
  for (const cost of heads.costs) expect(cost).toBeCloseTo(0, 5);
  const apart = await headCosts(known.explanation, graphs, { kind: 'encoder' }, nothing, undefined);
  expect(apart.plain).toBeCloseTo(cosine, 4);
  expect(apart.costs.every((cost) => Number.isFinite(cost) && cost !== 0)).toBe(true);
  // The other way round it is the same number, and the other text is on show.
  const swapped = await read(model, text, { first: pair.second, second: pair.first });
  expect((swapped.answer?.result as SimilarityResult).cosine).toBeCloseTo(result.cosine ?? NaN, 6);
  expectReference(swapped, other);
  const [token] = swapped.encoded.source.slice(1);
  expect(text.slice(token?.start, token?.end)).toBe(other.text.split(' ')[0]);
  // A text with itself.
  const same = joined(one.text, one.text);
  expect(((await read(model, same.text, same.pair)).answer?.result as SimilarityResult).cosine).toBeCloseTo(1, 5);
  const alone = await read(model, one.text);
  expect(alone.answer).toMatchObject({ result: { cosine: null }, gaps: [{ code: 'PAIR_NEEDED' }] });
  const long = joined(one.text, 'the cat sat '.repeat(30).trim());
  expect((await read(model, long.text, long.pair)).answer).toMatchObject({ gaps: [{ code: 'SELECTION_TOO_LARGE' }] });

  const pooling = { word_embedding_dimension: 16, pooling_mode_cls_token: true, pooling_mode_mean_tokens: false };
  const byFirst = await load('bert-sentences', {}, { '1_Pooling/config.json': pooling });
  const first = (await read(byFirst, text, pair)).answer?.result as SimilarityResult;
  expect(first).toMatchObject({ pooling: 'first', assumed: false });
  expect(Math.abs((first.cosine ?? NaN) - cosine)).toBeGreaterThan(1e-3);
});
