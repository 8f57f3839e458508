import { expect, test } from 'vitest';
import { plainMessage } from '../../../src/vscode/plainMessage';
import { HOSTILE_TOKENS } from '../../support/hostileTokens';

/** What VS Code 1.139 takes for a link in a message (vs/base/common/linkedText.ts). */
const LINK = /\[([^\]]+)\]\(((?:https?:\/\/|command:|file:)[^)\s]+)(?: (["'])(.+?)(\3))?\)/i;

test('no message holds a link, whatever a folder is called', () => {
  const names = [
    '[Free models](command:workbench.action.terminal.new)',
    '[[a]](https://evil.example)',
    '[a](file:///etc/passwd "title")',
    'x[a]]](command:a)](command:b)',
    ...HOSTILE_TOKENS,
  ];
  expect(names.filter((name) => LINK.test(name)).length).toBeGreaterThan(20);
  for (const name of names) expect(LINK.test(plainMessage(`There is no ONNX export in ${name}.`)), name).toBe(false);
});

test('no name changes the order of the rest, or hides in it; labels keep their isolation', () => {
  expect(plainMessage('Remove \u202eelif\u2067 (\u200bx)?')).toBe('Remove ⟨RLO⟩elif⟨RLI⟩ (⟨ZWSP⟩x)?');
  const isolated = 'The model \u2068שלום\u2069 is gone.\nGet it again.';
  expect(plainMessage(isolated)).toBe(isolated);
});

test('what a person wrote stays as it is, and a long one ends', () => {
  const plain = 'Set “explainAttention.hub.url” to https://huggingface.co (or a mirror) [sic].';
  expect(plainMessage(plain)).toBe(plain);
  expect(plainMessage('x'.repeat(12_000_000)).length).toBe(1001);
});
