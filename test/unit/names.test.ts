/** A name means one thing and is used: no two files and no two exports are called the same, and no export is for nobody. */
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

const parsed = new Map<string, readonly ts.Statement[]>();

function statementsOf(path: string): readonly ts.Statement[] {
  const known = parsed.get(path) ?? statementsIn(readFileSync(join(ROOT, path), 'utf8'));
  parsed.set(path, known);
  return known;
}

const statementsIn = (text: string): readonly ts.Statement[] =>
  ts.createSourceFile('some.ts', text, ts.ScriptTarget.Latest, true).statements;

/** What a file takes from others by name, and what it passes on. */
function importsOf(statements: readonly ts.Statement[]): readonly string[] {
  return statements.flatMap((statement) => {
    const clause = ts.isImportDeclaration(statement) ? statement.importClause?.namedBindings : undefined;
    const passed = ts.isExportDeclaration(statement) ? statement.exportClause : undefined;
    return [clause, passed].flatMap((names) =>
      names && (ts.isNamedImports(names) || ts.isNamedExports(names))
        ? names.elements.map(({ propertyName, name }) => (propertyName ?? name).text)
        : [],
    );
  });
}

/** How often a file has a name in its code. */
function namedIn(path: string, name: string): number {
  let count = 0;
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node) && node.text === name) count++;
    ts.forEachChild(node, visit);
  };
  statementsOf(path).forEach(visit);
  return count;
}

const isType = (statement: ts.Statement): boolean =>
  ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement);

/** What is declared and exported in a file; what is only passed on from another one is that one's. */
function exportsOf(statements: readonly ts.Statement[]): readonly string[] {
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
  const named = paths.flatMap((path) => exportsOf(statementsOf(path)).map((name) => ({ name, path })));
  expect(named.length).toBeGreaterThan(500);
  expect(shared(named)).toEqual([]);
});

test('what is exported is used in the product: by another file, or in its own, and then by a test', () => {
  const tests = readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' })
    .map((name) => `test/${name}`.replaceAll('\\', '/'))
    .filter((path) => /\.(ts|mjs)$/.test(path));
  const used = new Set([...paths, ...tests].flatMap((path) => importsOf(statementsOf(path))));
  // Types may be named for the reader's sake; VS Code calls this one itself.
  const unused = paths.flatMap((path) =>
    exportsOf(statementsOf(path).filter((one) => !isType(one))).filter((name) => !used.has(name)),
  );
  expect(unused).toEqual(['activate']);
  const taken = new Set(paths.flatMap((path) => importsOf(statementsOf(path))));
  const forTestsAlone = paths.flatMap((path) =>
    exportsOf(statementsOf(path).filter((one) => !isType(one))).filter(
      (name) => !taken.has(name) && namedIn(path, name) === 1,
    ),
  );
  // The door for another language: VS Code's own table of translations goes through it once there is one.
  expect(forTestsAlone).toEqual(['activate', 'translate']);
});

test('the test sees a name that stands twice, and knows one thing that is passed on from another file', () => {
  const one = exportsOf(
    statementsIn('export interface Model {}\nexport const [x] = [1], y = 2;\nexport function f(): void;'),
  );
  expect(one).toEqual(['Model', '[x]', 'y', 'f']);
  expect(exportsOf(statementsIn("export { Model } from './a';\nclass Model {}"))).toEqual([]);
  expect(
    shared([
      { name: 'Model', path: 'a.ts' },
      { name: 'Model', path: 'c.ts' },
      { name: 'y', path: 'a.ts' },
    ]),
  ).toEqual(['Model: a.ts, c.ts']);
});
