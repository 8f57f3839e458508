import { expect, test } from 'vitest';
import { renderChat } from '../../../src/tokenizer';

const CHATML =
  "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}";

test('a usual template', () => {
  expect(renderChat(`{{ bos_token }}${CHATML}`, [{ role: 'user', content: 'Hi {{ 7 * 7 }}' }], { bos_token: '<s>' })).toBe(
    '<s><|im_start|>user\nHi {{ 7 * 7 }}<|im_end|>\n<|im_start|>assistant\n',
  );
});

test.each([
  ['a loop over a range', '{% for i in range(1000000000) %}x{% endfor %}'],
  ['a long string', "{{ 'x' * 1000000000 }}"],
  ['loops in loops in loops', '{% for a in messages %}{% for b in messages %}{% for c in messages %}x{% endfor %}{% endfor %}{% endfor %}'],
  ['a macro', '{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}'],
  ['an exception of its own', "{{ raise_exception('roles must alternate') }}"],
  ['doubling', '{% set n = namespace(x="xxxxxxxx") %}{% for m in messages %}{% set n.x = n.x + n.x %}{% endfor %}{{ n.x }}'],
  ['broken', '{% for %}'],
])('%s is refused', (_, template) => {
  const messages = Array.from({ length: 60 }, () => ({ role: 'user' as const, content: 'x' }));
  expect(() => renderChat(template, messages)).toThrow(expect.objectContaining({ code: 'TOKENIZER_UNSUPPORTED' }) as Error);
});
