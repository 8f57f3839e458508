import { afterEach, expect, test } from 'vitest';
import { language, say, translate } from '../../../src/text/say';
import { SENTENCES } from '../../../src/text/sentences';

afterEach(() => {
  translate({});
});

test('gaps are filled by name, and what fills them is not read again', () => {
  expect(say('engine.noMasks', { example: '{example}' })).toBe(
    'This model does not fill in masked tokens; choose one that does, such as {example}.',
  );
});

test('a translation is used where it has the sentence, and may order the gaps as it likes', () => {
  expect(language()).toBe('en');
  translate({ 'engine.noMasks': 'Wählen Sie ein Modell wie {example}.' }, 'de');
  expect(language()).toBe('de');
  expect(say('engine.noMasks', { example: 'BERT' })).toBe('Wählen Sie ein Modell wie BERT.');
});

test('a key says which room its sentence is of, and no sentence is empty', () => {
  for (const [key, text] of Object.entries<string>(SENTENCES)) {
    expect(key).toMatch(
      /^(attention|config|engine|errors|host|hub|json|lesson|measure|onnx|protocol|session|tokenizer|transformer|webview)\.\w+/,
    );
    expect(text.trim()).toBe(text);
    expect(text).not.toBe('');
  }
});
