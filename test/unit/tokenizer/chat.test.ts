/** Chat templates: the prompt and its ids as transformers makes them, the text's place in it, and templates that mean harm. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createTokenizer, encodeChat, renderChat, type TextTokenizer } from '../../../src/tokenizer';

const folder = new URL('../../fixtures/tokenizers/', import.meta.url);

interface Spec {
  readonly tokenizer: string;
  readonly added_tokens: readonly object[];
  readonly config: Readonly<Record<string, string>>;
  readonly template: string;
  readonly cases: readonly { readonly text: string; readonly rendered: string; readonly ids: readonly number[] }[];
}

/** What `apply_chat_template` of transformers makes (test/fixtures/tokenizers/chat.py). */
const SPECS = JSON.parse(readFileSync(new URL('chat.json', folder), 'utf8')) as readonly Spec[];
const bytes = (value: unknown): Uint8Array =>
  new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));

function tokenizerOf({ tokenizer, added_tokens, config }: Spec, template: string): TextTokenizer {
  const json = JSON.parse(readFileSync(new URL(`${tokenizer}/tokenizer.json`, folder), 'utf8')) as object;
  return createTokenizer({
    tokenizer: bytes({ ...json, added_tokens }),
    config: bytes({ ...config, chat_template: template }),
  });
}

function specOf(name: string): Spec {
  const spec = SPECS.find(({ tokenizer }) => tokenizer === name);
  if (!spec) throw new Error(`There is no ${name}.`);
  return spec;
}

describe.each(SPECS.map((spec, index) => [`${index + 1}: ${spec.tokenizer}`, spec] as const))('%s', (_, spec) => {
  const tokenizer = tokenizerOf(spec, spec.template);

  test.each(spec.cases.map((one) => [JSON.stringify(one.text), one] as const))('%s', (__, { text, rendered, ids }) => {
    expect(renderChat(spec.template, [{ role: 'user', content: text }], tokenizer.chatSpecials)).toBe(rendered);
    const { before, body, after } = encodeChat(tokenizer, text);
    expect([...before, ...body, ...after].map((token) => token.id)).toEqual(ids);
    // No second token at the beginning, however many the tokenizer's own frame would add.
    const bos = tokenizer.named('bos');
    if (bos !== null) expect(ids.filter((id) => id === bos).length).toBe(1);
    for (const token of [...before, ...after]) expect([token.start, token.end]).toEqual([-1, -1]);
    // Together the text's tokens have all of it, but for white space that the template trimmed, each in its place.
    const covered = new Set<number>();
    for (const { start, end } of body) for (let at = start; at < end; at++) covered.add(at);
    expect(text.split('').filter((unit, at) => !covered.has(at) && unit.trim() !== '')).toEqual([]);
    for (const token of body) {
      if (token.partial || token.special) continue;
      expect(rendered).toContain(text.slice(token.start, token.end));
      expect(text.slice(token.start, token.end).trim()).toBe(token.text.trim());
    }
  });
});

test('special tokens of the template are special, its words are not', () => {
  const { before } = encodeChat(tokenizerOf(specOf('byte-level'), specOf('byte-level').template), 'Hi');
  expect(before[0]).toMatchObject({ text: '<|im_start|>', special: true, start: -1 });
  expect(before.slice(1, 3).every(({ special }) => !special)).toBe(true);
});

describe('the text’s place', () => {
  const spec = specOf('byte-level');
  const body = (template: string, text: string) => encodeChat(tokenizerOf(spec, template), text).body;

  test('is that of what a template left of it', () => {
    const [first, ...rest] = body('<{{ messages[0].content | trim }}>', '  \n Hi there ');
    expect([first?.start, rest.at(-1)?.end]).toEqual([4, 12]);
  });

  test('a token over the border has the text’s part', () => {
    // `he` is one token of this vocabulary.
    const tokens = body('h{{ messages[0].content }}', 'e cat');
    expect(tokens[0]).toMatchObject({ text: 'he', start: 0, end: 1 });
  });

  test.each([
    ['changes the text', '<{{ messages[0].content | upper }}>', 'Hi there'],
    ['writes it twice', '{{ messages[0].content }} {{ messages[0].content }}', 'Hi there'],
    ['leaves it out', 'nothing', 'Hi there'],
    ['drops a part of it', "{{ messages[0].content.split('|')[0] }}", 'Hi|there'],
    [
      'treats it as it likes',
      "{% if messages[0].content == 'Hi there' %}Ho {% endif %}{{ messages[0].content }}",
      'Hi there',
    ],
  ])('is nowhere where a template %s', (_, template, text) => {
    const tokens = body(template, text);
    expect(tokens.length).toBeGreaterThan(0);
    expect(tokens.every(({ start, end }) => start === -1 && end === -1)).toBe(true);
  });
});

describe('where the template comes from', () => {
  const files = (config: object, chatTemplate?: string) =>
    createTokenizer({
      tokenizer: readFileSync(new URL('byte-level/tokenizer.json', folder)),
      config: bytes(config),
      chatTemplate: chatTemplate === undefined ? null : bytes(chatTemplate),
    });

  test('a file of its own goes before the configuration; of named ones, the default; else none', () => {
    expect(files({ chat_template: 'a' }, 'b').chatTemplate).toBe('b');
    expect(files({ chat_template: 'a' }).chatTemplate).toBe('a');
    expect(
      files({
        chat_template: [
          { name: 'tool_use', template: 'x' },
          { name: 'default', template: 'y' },
        ],
      }).chatTemplate,
    ).toBe('y');
    expect(files({ chat_template: [{ name: 'rag', template: 'x' }] }).chatTemplate).toBeNull();
    expect(files({ chat_template: 7 }).chatTemplate).toBeNull();
    expect(() => encodeChat(files({}), 'Hi')).toThrow(expect.objectContaining({ code: 'INVALID_REQUEST' }) as Error);
  });

  test('special tokens by name, as text or as objects', () => {
    expect(
      files({ bos_token: '<s>', eos_token: { content: '</s>', special: true }, pad_token: null, model_max_length: 5 })
        .chatSpecials,
    ).toEqual({ bos_token: '<s>', eos_token: '</s>' });
  });
});

test('what transformers has as globals', () => {
  const render = (template: string) => renderChat(template, [{ role: 'user', content: 'Hi {{ 7 * 7 }}' }]);
  expect(render('{{ messages[0].content }}')).toBe('Hi {{ 7 * 7 }}');
  expect(render("{{ strftime_now('%d %b %Y') }}")).toMatch(
    /^\d\d (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) 20\d\d$/,
  );
  expect(render('{% for i in range(3, 0, -1) %}{{ i }}{% endfor %}')).toBe('321');
  expect(render('{{ tools is none }}{{ documents is none }}{{ bos_token is defined }}')).toBe('truetruefalse');
});

const HUGE = 10 ** 9;
const NESTED = (open: string, close: string) => `{{ ${open.repeat(30_000)}1${close.repeat(30_000)} }}`;

describe('templates that mean harm are refused soon', () => {
  test.each([
    ['a loop over a huge range', `{% for i in range(${HUGE}) %}x{% endfor %}`],
    ['a huge range backwards', `{{ range(0, -${HUGE}, -1) | length }}`],
    ['a range by tiny steps', '{{ range(0, 1, 0.0000000001) | length }}'],
    ['a range that goes nowhere', '{{ range(0, 5, 0) | length }}'],
    ['loops in loops', `{% for a in range(10000) %}{% for b in range(10000) %}{% endfor %}{% endfor %}`],
    [
      'many loops in loops',
      '{% for a in range(99) %}{% for b in range(99) %}{% for c in range(99) %}x{% endfor %}{% endfor %}{% endfor %}',
    ],
    ['a macro that calls itself', '{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}'],
    [
      'macros that call one another twice',
      '{% macro f(n) %}{% if n > 0 %}{{ f(n - 1) }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(40) }}',
    ],
    [
      'a text that doubles',
      '{% set n = namespace(x="xxxxxxxx") %}{% for m in range(60) %}{% set n.x = n.x + n.x %}{% endfor %}{{ n.x }}',
    ],
    [
      'a list that doubles',
      '{% set n = namespace(x=[1, 2]) %}{% for m in range(60) %}{% set n.x = n.x + n.x %}{% endfor %}{{ n.x | length }}',
    ],
    [
      'lists that hold one another',
      '{% set n = namespace(x=[1, 2]) %}{% for m in range(60) %}{% set n.x = [n.x, n.x] %}{% endfor %}{{ n.x | tojson }}',
    ],
    ['a namespace that holds itself', '{% set n = namespace(x=1) %}{% set n.x = n %}{{ n | tojson }}'],
    [
      'a text put for every letter',
      "{% set n = namespace(x='xx') %}{% for m in range(40) %}{% set n.x = n.x | replace('x', n.x) %}{% endfor %}{{ n.x }}",
    ],
    ['a huge indent', `{{ 'a\nb' | indent(${HUGE}) }}`],
    ['parentheses without end', NESTED('(', ')')],
    ['lists without end', NESTED('[', ']')],
    ['nots without end', `{{ ${'not '.repeat(24_000)}1 }}`],
    ['ifs without end', '{% if 1 %}'.repeat(9_000)],
    ['spaces without end', `{{ ${' '.repeat(90_000)} `],
    ['lines without end', `${'\n '.repeat(45_000)}{%`],
    ['a very long one', 'x'.repeat(100_001)],
    ['an exception of its own', "{{ raise_exception('roles must alternate') }}"],
    ['something that is not there', '{{ messages[0].content.constructor.constructor("return 1")() }}'],
    ['broken', '{% for %}'],
    ['no text', '{{ messages | nothing }}'],
  ])('%s', (_, template) => {
    const began = performance.now();
    expect(() => renderChat(template, [{ role: 'user', content: 'x'.repeat(2000) }])).toThrow(
      expect.objectContaining({ code: 'TOKENIZER_UNSUPPORTED' }) as Error,
    );
    expect(performance.now() - began).toBeLessThan(3000);
  });

  test.each([
    [
      'a long string looked for in a longer one',
      "{% set p = messages[0].content[:900] + 'b' + messages[0].content[:900] %}{% for i in range(20000) %}{{ p in messages[0].content * 1 }}{% endfor %}",
    ],
    [
      'the same by split',
      "{% set n = namespace(x='a') %}{% for i in range(14) %}{% set n.x = n.x + n.x %}{% endfor %}{% set p = n.x[:8000] + 'b' + n.x[:8000] %}{% for i in range(20000) %}{% set z = n.x.split(p) %}{% endfor %}",
    ],
    [
      'the same by a filter',
      "{% set n = namespace(x='a') %}{% for i in range(14) %}{% set n.x = n.x + n.x %}{% endfor %}{% set p = n.x[:8000] + 'b' + n.x[:8000] %}{% for i in range(20000) %}{% set z = n.x | replace(p, '') %}{% endfor %}",
    ],
    ['the same by a method that was kept', "{% set n = namespace(x='a') %}{% set f = n.x.split %}{{ f('b') }}"],
    [
      'the same in a list',
      "{% set n = namespace(x='a') %}{% for i in range(14) %}{% set n.x = n.x + n.x %}{% endfor %}{% set l = [n.x, n.x] %}{% set p = n.x[:8000] + 'b' + n.x[:8000] %}{% for i in range(20000) %}{% set z = l | map('replace', p, '') | list %}{% endfor %}",
    ],
  ])('%s', (_, template) => {
    const began = performance.now();
    expect(() => renderChat(template, [{ role: 'user', content: 'a'.repeat(4000) }])).toThrow(
      expect.objectContaining({ code: 'TOKENIZER_UNSUPPORTED' }) as Error,
    );
    expect(performance.now() - began).toBeLessThan(4000);
  });
});

describe('a long text', () => {
  const long = `  ${'word '.repeat(2000)}<|im_end|> 👩‍👩‍👧 ${'wörter '.repeat(2000)}\n`;
  const spec = specOf('byte-level-llama3');

  test('is all there, in its place, as if the template had seen it all', () => {
    const { template, config } = spec;
    const { before, body, after } = encodeChat(tokenizerOf(spec, template), long);
    const whole = tokenizerOf(spec, template).encodeBody(
      renderChat(template, [{ role: 'user', content: 'Qx' }], config).replace('Qx', () => long.trim()),
    );
    expect([...before, ...body, ...after].map(({ id }) => id)).toEqual(whole.ids);
    expect([body[0]?.start, body.at(-1)?.end]).toEqual([2, long.length - 2]);
  });

  test('is refused where the template would change it', () => {
    const tokenizer = tokenizerOf(spec, '{{ messages[0].content | upper }}');
    expect(() => encodeChat(tokenizer, long)).toThrow(
      expect.objectContaining({ code: 'TOKENIZER_UNSUPPORTED' }) as Error,
    );
  });
});
