/** A name means one thing: no two files and no two exports of the product are called the same. */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
/** A room may have a door, which other rooms come in by: what it offers, or the types that others share with it. */
const DOORS = new Set(['index.ts', 'types.ts']);

const paths: readonly string[] = ['src', 'webview'].flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => `${folder}/${name}`.replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.ts')),
);

/** What is declared and exported in a file; what is only passed on from another one is that one's. */
function exportsOf(path: string, text: string): readonly string[] {
  const { statements } = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  return statements.flatMap((statement) => {
    const modifiers = ts.canHaveModifiers(statement) ? (ts.getModifiers(statement) ?? []) : [];
    if (!modifiers.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)) return [];
    if (ts.isVariableStatement(statement))
      return statement.declarationList.declarations.map(({ name }) => name.getText());
    const { name } = statement as ts.DeclarationStatement;
    return name ? [name.getText()] : [];
  });
}

/** Names that stand for more than one thing, each with the files it stands in. */
function shared(named: readonly { readonly name: string; readonly path: string }[]): readonly string[] {
  const places = new Map<string, Set<string>>();
  for (const { name, path } of named) places.set(name, (places.get(name) ?? new Set()).add(path));
  return [...places].filter(([, where]) => where.size > 1).map(([name, where]) => `${name}: ${[...where].join(', ')}`);
}

test('no two files have one name, the doors of rooms excepted, of which a room has one of each', () => {
  const files = paths.map((path) => ({ name: basename(path), path }));
  expect(shared(files.filter(({ name }) => !DOORS.has(name)))).toEqual([]);
  const doors = files.filter(({ name }) => DOORS.has(name)).map(({ path }) => path.split('/').length);
  // src/<room>/index.ts: a door is not somewhere inside.
  expect(doors.every((depth) => depth === 3)).toBe(true);
});

test('no two exported things have one name', () => {
  const named = paths.flatMap((path) =>
    exportsOf(path, readFileSync(join(ROOT, path), 'utf8')).map((name) => ({ name, path })),
  );
  expect(named.length).toBeGreaterThan(500);
  expect(shared(named)).toEqual([]);
});

test('the test sees a name that stands twice, and knows one thing that is passed on from another file', () => {
  const one = exportsOf(
    'a.ts',
    'export interface Model {}\nexport const [x] = [1], y = 2;\nexport function f(): void;',
  );
  expect(one).toEqual(['Model', '[x]', 'y', 'f']);
  expect(exportsOf('b.ts', "export { Model } from './a';\nclass Model {}")).toEqual([]);
  expect(
    shared([
      { name: 'Model', path: 'a.ts' },
      { name: 'Model', path: 'c.ts' },
      { name: 'y', path: 'a.ts' },
    ]),
  ).toEqual(['Model: a.ts, c.ts']);
});
