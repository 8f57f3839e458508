/** What stands round and between two texts, by the post-processor's own rules. */
import { expect, test } from 'vitest';
import { readPairFrame } from '../../../src/tokenizer/steps/pairFrame';

const special = (id: string, type_id = 0) => ({ SpecialToken: { id, type_id } });
const sequence = (id: string, type_id = 0) => ({ Sequence: { id, type_id } });
const special_tokens = { C: { ids: [2] }, S: { ids: [3, 4] } };
const template = (...pair: readonly object[]) => ({ type: 'TemplateProcessing', single: [], pair, special_tokens });

test('BERT’s, RoBERTa’s, and a template’s', () => {
  expect(readPairFrame({ type: 'BertProcessing', cls: ['[CLS]', 1], sep: ['[SEP]', 2] })).toEqual({
    before: [{ id: 1, type: 0 }],
    between: [{ id: 2, type: 0 }],
    after: [{ id: 2, type: 1 }],
    first: 0,
    second: 1,
  });
  expect(readPairFrame({ type: 'RobertaProcessing', cls: ['<s>', 0], sep: ['</s>', 2] })?.between).toHaveLength(2);
  const made = template(special('C'), sequence('A'), special('S'), sequence('B', 1), special('S', 1));
  const frame = {
    before: [{ id: 2, type: 0 }],
    between: [3, 4].map((id) => ({ id, type: 0 })),
    after: [3, 4].map((id) => ({ id, type: 1 })),
    first: 0,
    second: 1,
  };
  expect(readPairFrame(made)).toEqual(frame);
  expect(readPairFrame({ type: 'Sequence', processors: [{ type: 'ByteLevel' }, made] })).toEqual(frame);
});

test('no pair: nothing said, the texts the other way round, one of them missing, or without end', () => {
  const wrong = [
    undefined,
    { type: 'ByteLevel' },
    { type: 'TemplateProcessing', single: [], special_tokens },
    template(sequence('B'), sequence('A')),
    template(sequence('A'), special('S')),
    template(sequence('A'), sequence('B'), sequence('A')),
    template(sequence('A'), ...Array.from({ length: 40 }, () => special('S')), sequence('B')),
  ];
  for (const one of wrong) expect(readPairFrame(one)).toBeNull();
  let deep: object = template(sequence('A'), sequence('B'));
  for (let depth = 0; depth < 100; depth++) deep = { type: 'Sequence', processors: [deep] };
  expect(readPairFrame(deep)).toBeNull();
  // A type that no table has counts as none.
  expect(readPairFrame(template(sequence('A'), sequence('B', 1e9)))?.second).toBe(0);
  expect(() => readPairFrame(template(special('nobody'), sequence('A'), sequence('B')))).toThrow();
});
