/** What package.json shows to people has a key in package.nls.json, as VS Code's own manifests do, and every key there is used. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from '../../support/paths.mjs';

const read = (name: string): unknown => JSON.parse(readFileSync(join(ROOT, name), 'utf8'));

/** Properties of a manifest whose texts VS Code shows; `displayName` is the product's name and not among them. */
const SHOWN = new Set([
  'title',
  'category',
  'description',
  'markdownDescription',
  'enumDescriptions',
  'name',
  'contextualTitle',
  'altText',
]);

/** Every text under a property that is shown, wherever it stands. */
function shown(value: unknown, isShown: boolean): readonly string[] {
  if (typeof value === 'string') return isShown ? [value] : [];
  if (Array.isArray(value)) return value.flatMap((item) => shown(item, isShown));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => shown(inner, SHOWN.has(name)));
}

test('each text is a key, each key has a text, and each text is shown', () => {
  const manifest = read('package.json') as { readonly description: string; readonly contributes: unknown };
  const texts = [manifest.description, ...shown(manifest.contributes, false)];
  const keys = texts.map((text) => /^%([\w.]+)%$/.exec(text)?.[1] ?? `no key: ${text}`);
  expect(keys.length).toBeGreaterThan(40);
  expect([...new Set(keys)].sort()).toEqual(Object.keys(read('package.nls.json') as object).sort());
});
