import { describe, expect, test } from 'vitest';
import { withoutText } from '../../../src/engine/withoutText';
import { ExplainError } from '../../../src/errors';
import { renderChat } from '../../../src/tokenizer/chat/chat';

const TEXT = 'The patient was told about her diagnosis on Monday.';
const SENTENCE = 'There was not enough memory; select less text.';

describe('an error about a text', () => {
  test('keeps its code and its own sentence, and loses a detail that quotes the text', () => {
    for (const detail of [TEXT, `raised: ${TEXT.slice(4, 20)}`, `x${TEXT}`.repeat(1000)]) {
      const { code, message, detail: left } = withoutText(new ExplainError('RUN_FAILED', SENTENCE, { detail }), TEXT);
      expect([code, message, left]).toEqual(['RUN_FAILED', SENTENCE, undefined]);
    }
    const clean = new ExplainError('RUN_FAILED', SENTENCE, { detail: 'node /encoder/MatMul' });
    expect(withoutText(clean, TEXT)).toBe(clean);
  });

  test('is said in other words where its sentence quotes the text, a short one too', () => {
    expect(withoutText(new ExplainError('INTERNAL', `It failed: ${TEXT}`), TEXT).message).not.toContain('patient');
    expect(withoutText(new ExplainError('INTERNAL', 'It failed: my password'), 'my password 1').message).toMatch(/./);
    expect(withoutText(new ExplainError('INTERNAL', 'Bad.', { detail: 'token geheim' }), 'geheim').detail).toBe(
      undefined,
    );
    const own = new ExplainError('OUT_OF_MEMORY', SENTENCE);
    for (const text of ['memory', 'e', 'select less']) expect(withoutText(own, text).message, text).toBe(SENTENCE);
  });

  test('takes no time with a long text', () => {
    const began = performance.now();
    withoutText(new ExplainError('INTERNAL', 'Bad.', { detail: 'ab'.repeat(50_000) }), 'ba '.repeat(333_333));
    expect(performance.now() - began).toBeLessThan(3000);
  });
});

test('a chat template that raises the user’s text says nothing of it; its own words are kept', () => {
  const detailOf = (template: string): string | undefined => {
    try {
      renderChat(template, [{ role: 'user', content: TEXT }]);
      return 'nothing thrown';
    } catch (thrown) {
      return (thrown as ExplainError).detail;
    }
  };
  expect(detailOf('{{ raise_exception(messages[0].content) }}')).not.toMatch(/patient|Monday/);
  expect(detailOf('{{ raise_exception("x" + messages[0]["content"][4:20]) }}')).not.toMatch(/patient/);
  expect(detailOf('{{ raise_exception("Roles must alternate") }}')).toContain('Roles must alternate');
});
