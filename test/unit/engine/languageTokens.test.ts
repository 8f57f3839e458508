/** The tokens by which a model is told which language to write, as the tokenizers of M2M-100, NLLB and mBART have them. */
import { expect, test } from 'vitest';
import { languageTokens } from '../../../src/engine/model/languageTokens';

/** A tokenizer whose special tokens are these, with ids from 4 on. */
const special = (...names: readonly string[]): Parameters<typeof languageTokens>[0] => ({
  specialIds: new Set(names.map((_, at) => at + 4).reverse()),
  tokenText: (id) => names[id - 4] ?? '',
});

test.each([
  ['M2M-100', ['<s>', '__af__', '__fr__', '<mask>', '__ast__'], ['af', 'fr', 'ast']],
  ['NLLB', ['</s>', 'ace_Arab', 'fra_Latn', 'zho_Hans'], ['ace_Arab', 'fra_Latn', 'zho_Hans']],
  ['mBART', ['ar_AR', 'fr_XX', 'zh_CN', '<mask>'], ['ar_AR', 'fr_XX', 'zh_CN']],
  ['none', ['<s>', '</s>', '<extra_id_0>', '>>fra<<', '<2fr>'], []],
  ['one that is called so by chance', ['<s>', 'en_US'], []],
])('%s', (_, names, codes) => {
  const found = languageTokens(special(...names));
  expect(found.map(({ code }) => code)).toEqual(codes);
  for (const { id, code } of found) expect(names[id - 4]).toContain(code);
});
