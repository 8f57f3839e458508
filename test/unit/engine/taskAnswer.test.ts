/** Answers of files that are not what they say, or say strange things: refused or bounded, each with its code. */
import { expect, test } from 'vitest';
import { problemOf, readTaskConfig } from '../../../src/config/taskConfig';
import { readSentencePooling } from '../../../src/config/sentencePooling';
import { taskAnswer } from '../../../src/engine/task/taskAnswer';
import type { TaskHead } from '../../../src/engine/task/taskHead';
import type { Tensor } from '../../../src/transformer/tensorSession';

const TOKENS = ['[CLS]', 'a', 'b'].map((text, id) => ({
  id,
  text,
  special: id === 0,
  start: id === 0 ? -1 : id,
  end: id === 0 ? -1 : id + 1,
  partial: false,
  ...(id === 2 && { second: true as const }),
}));

function tensor(dims: readonly number[], data: readonly number[]): Tensor {
  return { type: 'float32', dims, read: () => Promise.resolve(Float32Array.from(data)), dispose: () => undefined };
}

const headOf = (task: TaskHead['task'], also: readonly string[] = []): TaskHead => ({
  task,
  config: readTaskConfig({ id2label: { 0: 'x', 1: 'y' } }),
  also,
  pooling: 'first',
});

test.each<{ task: TaskHead['task']; dims: readonly number[]; data: readonly number[]; code: string }>([
  { task: 'labels', dims: [1, 2], data: [1, NaN], code: 'NOT_FINITE' },
  { task: 'labels', dims: [1, 2], data: [Infinity, 0], code: 'NOT_FINITE' },
  { task: 'labels', dims: [2, 2], data: [1, 2, 3, 4], code: 'ANSWER_UNREADABLE' },
  { task: 'labels', dims: [1, 0], data: [], code: 'ANSWER_UNREADABLE' },
  { task: 'labels', dims: [1, 1000000], data: [1], code: 'ANSWER_UNREADABLE' },
  { task: 'token-labels', dims: [1, 2, 2], data: [1, 2, 3, 4], code: 'ANSWER_UNREADABLE' },
  { task: 'token-labels', dims: [1, 3, 2], data: [1, 2, 3, NaN, 5, 6], code: 'NOT_FINITE' },
  { task: 'embedding', dims: [1, 2, 2], data: [1, 2, 3, 4], code: 'ANSWER_UNREADABLE' },
  { task: 'embedding', dims: [1, 3, 1], data: [1, NaN, 3], code: 'NOT_FINITE' },
])('$task of $dims with $data: $code', async ({ task, dims, data, code }) => {
  const answer = await taskAnswer(headOf(task), { output: tensor(dims, data), also: {} }, TOKENS);
  expect(answer).toMatchObject({ task, result: null, gaps: [{ code }] });
});

test('ends of an answer: of other lengths, or not a number', async () => {
  const head = headOf('span', ['start_logits', 'end_logits']);
  const read = (end: readonly number[]) =>
    taskAnswer(head, { output: tensor([1, 3], [1, 2, 3]), also: { end_logits: tensor([1, end.length], end) } }, TOKENS);
  expect(await read([1, 2])).toMatchObject({ result: null, gaps: [{ code: 'ANSWER_UNREADABLE' }] });
  expect(await read([NaN, NaN, NaN])).toMatchObject({ result: null, gaps: [{ code: 'NOT_FINITE' }] });
  expect(await read([0, 5, 1])).toMatchObject({ result: { answers: [{ from: 2, to: 3 }] }, gaps: [] });
});

test('what a config says of labels is read within bounds, and what it does not say is not made up', () => {
  const strange = readTaskConfig({
    id2label: { 0: 'a'.repeat(5000), 1: 7, 2: {}, x: 'b', 99999: 'c' },
    architectures: 'X',
  });
  expect(strange.labels?.map((name) => name.length)).toEqual([201, 1]);
  expect(strange.architectures).toEqual([]);
  for (const nothing of [undefined, null, 3, 'a', [], { id2label: [] }, { id2label: null }])
    expect(readTaskConfig(nothing)).toMatchObject({ labels: undefined, problem: undefined, judgesPairs: false });
  // As transformers' pipeline: a lone logit is a score unless it is a regression's.
  expect(problemOf(readTaskConfig({}), 1)).toBe('score');
  expect(problemOf(readTaskConfig({}), 2)).toBe('single');
  expect(problemOf(readTaskConfig({ problem_type: 'single_label_classification' }), 1)).toBe('score');
  expect(problemOf(readTaskConfig({ problem_type: 'multi_label_classification' }), 3)).toBe('multi');
  expect(problemOf(readTaskConfig({ problem_type: 'regression' }), 2)).toBe('regression');
  expect(problemOf(readTaskConfig({ problem_type: 'constructor' }), 2)).toBe('single');
  const plain = readTaskConfig({ sbert_ce_default_activation_function: 'torch.nn.modules.linear.Identity' });
  expect([plain.judgesPairs, problemOf(plain, 1)]).toEqual([true, 'regression']);
  expect(readTaskConfig({ id2label: { 0: 'Entailment', 1: 'Neutral' } }).judgesPairs).toBe(true);
});

test('how states are taken together is believed where one known way is said', () => {
  expect(readSentencePooling({ pooling_mode_mean_tokens: true, pooling_mode_cls_token: false })).toBe('mean');
  expect(readSentencePooling({ pooling_mode_cls_token: true })).toBe('first');
  for (const other of [undefined, {}, { pooling_mode_max_tokens: true }, { pooling_mode_cls_token: 1 }])
    expect(readSentencePooling(other)).toBeUndefined();
  expect(readSentencePooling({ pooling_mode_mean_tokens: true, pooling_mode_cls_token: true })).toBeUndefined();
});
