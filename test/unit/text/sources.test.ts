/** Nobody writes a sentence for a reader where it is used: it has a key in src/text, and every key there is said. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { SENTENCES } from '../../../src/text/sentences';

const ROOT = join(import.meta.dirname, '../../..');
const SENTENCES_LIVE_IN = 'src/text/';

interface Source {
  readonly path: string;
  readonly file: ts.SourceFile;
}

function parse(path: string, text: string): Source {
  return { path, file: ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true) };
}

const sources: readonly Source[] = ['src', 'webview']
  .flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((name) => `${folder}/${name}`),
  )
  .map((path) => path.replaceAll('\\', '/'))
  .filter((path) => path.endsWith('.ts') && !path.startsWith(SENTENCES_LIVE_IN))
  .map((path) => parse(path, readFileSync(join(ROOT, path), 'utf8')));

function visit(node: ts.Node, see: (node: ts.Node) => void): void {
  see(node);
  ts.forEachChild(node, (child) => {
    visit(child, see);
  });
}

/** What is called or made: `say`, `ExplainError`, `push` of `notes.push`. */
function calleeOf(node: ts.CallExpression | ts.NewExpression): string {
  const { expression } = node;
  return ts.isPropertyAccessExpression(expression) ? expression.name.text : expression.getText();
}

/** A literal's text without its gaps; undefined for what is no literal. */
function literalOf(node: ts.Node): string | undefined {
  if (ts.isStringLiteralLike(node)) return node.text;
  return ts.isTemplateExpression(node)
    ? [node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)].join(' ')
    : undefined;
}

/** Words that an expression may come to, those of its calls left out: what `say` gives is no literal. */
function wordsIn(node: ts.Node): readonly string[] {
  if (ts.isCallExpression(node)) return [];
  // What is compared is not shown.
  if (ts.isBinaryExpression(node) && ts.tokenToString(node.operatorToken.kind)?.includes('==')) return [];
  const text = literalOf(node);
  const own = text !== undefined && /\p{L}{2}/u.test(text) ? [text] : [];
  const inner: string[] = [];
  ts.forEachChild(node, (child) => {
    inner.push(...wordsIn(child));
  });
  return [...own, ...inner];
}

/** ExplainError and all classes made of it, which take code and sentence as it does. */
function errorClasses(all: readonly Source[]): ReadonlySet<string> {
  const names = new Set(['ExplainError']);
  for (const { file } of all)
    visit(file, (node) => {
      if (!ts.isClassDeclaration(node) || !node.name) return;
      const base = node.heritageClauses?.flatMap(({ types }) => types.map(({ expression }) => expression.getText()));
      if (base?.includes('ExplainError')) names.add(node.name.text);
    });
  return names;
}

/** Properties of VS Code's pickers and messages, and of progress, whose value is read as it stands. */
const SHOWN = new Set([
  'title',
  'placeHolder',
  'placeholder',
  'prompt',
  'tooltip',
  'openLabel',
  'description',
  'phase',
]);

/** What takes a clause that fills the gap of a sentence. */
const CLAUSES = new Set(['missing', 'unsupported', 'invalidOnnx', 'tooLarge']);

/** Sentences that are written where they are used, as `path:line: words`. */
function written(all: readonly Source[]): readonly string[] {
  const errors = errorClasses(all);
  const found: string[] = [];
  for (const { path, file } of all) {
    const read = (node: ts.Node | undefined): void => {
      if (!node) return;
      const line = file.getLineAndCharacterOfPosition(node.getStart()).line + 1;
      found.push(...wordsIn(node).map((words) => `${path}:${line}: ${words}`));
    };
    visit(file, (node) => {
      if (ts.isNewExpression(node) && errors.has(calleeOf(node))) read(node.arguments?.[1]);
      // Why a fused operator is not looked into, and why a stage of the anatomy is not there, end up in sentences.
      if (ts.isNewExpression(node) && calleeOf(node) === 'Unsupported') read(node.arguments?.[0]);
      if (ts.isNewExpression(node) && calleeOf(node) === 'BrokenJson') read(node.arguments?.[0]);
      if (ts.isCallExpression(node)) {
        if (calleeOf(node) === 'toExplainError') read(node.arguments[2]);
        if (CLAUSES.has(calleeOf(node))) read(node.arguments[0]);
        // The log is read too; what has a code says its sentence itself.
        if (/\blog\.(info|warn|error)$/u.test(node.expression.getText().replace('#', ''))) read(node.arguments[0]);
        // What a test of a model found wrong is the reason in a sentence.
        if (node.expression.getText() === 'failures.push') read(node.arguments[0]);
        if (calleeOf(node) === '#broken' || calleeOf(node) === 'brokenAt') read(node.arguments.at(-1));
        if (calleeOf(node) === 'notFound') read(node.arguments[0]);
        if (calleeOf(node) === 'progress' || node.expression.getText() === 'notes.push') read(node.arguments[0]);
      }
      if (ts.isPropertyAssignment(node) && SHOWN.has(node.name.getText())) {
        // A measure holds the keys of its sentences.
        if (!(ts.isStringLiteral(node.initializer) && node.initializer.text in SENTENCES)) read(node.initializer);
      }
      if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.EqualsToken) {
        const { left, right } = node;
        if (ts.isPropertyAccessExpression(left) && SHOWN.has(left.name.text)) read(right);
      }
    });
  }
  return found;
}

/** Keys that are in no literal of the sources, and fit no template that is said. */
function unsaid(keys: readonly string[], all: readonly Source[]): readonly string[] {
  const literals = new Set<string>();
  const patterns: RegExp[] = [];
  for (const { file } of all)
    visit(file, (node) => {
      if (ts.isStringLiteralLike(node)) literals.add(node.text);
      if (!ts.isCallExpression(node) || !/^(say|sentence)$/.test(calleeOf(node))) return;
      const [key] = node.arguments;
      if (!key || !ts.isTemplateExpression(key)) return;
      const parts = [key.head.text, ...key.templateSpans.map(({ literal }) => literal.text)];
      patterns.push(new RegExp(`^${parts.map((part) => part.replaceAll('.', '\\.')).join('\\w+')}$`));
    });
  return keys.filter((key) => !literals.has(key) && !patterns.some((pattern) => pattern.test(key)));
}

test('no sentence that a person reads is written where it is used', () => {
  expect(sources.length).toBeGreaterThan(100);
  expect(written(sources)).toEqual([]);
});

test('every sentence is said by somebody', () => {
  expect(unsaid(Object.keys(SENTENCES), sources)).toEqual([]);
});

test('a sentence in an error, a picker, a progress or a note is found, however it is put together', () => {
  const lines = [
    "throw new ExplainError('INTERNAL', 'One sentence.');",
    'throw new ExplainError("INTERNAL", `The file ${name} is cut.`, { detail: "free words" });',
    "throw new ExplainError(code, known ? say('a.b') : 'Another sentence.');",
    "class Refused extends ExplainError {} throw new Refused('INTERNAL', prefix + 'is not there');",
    "throw toExplainError(thrown, 'INTERNAL', 'A third.');",
    "notes.push('A note.');",
    "emit('progress', { phase: 'Reading' });",
    "pick.title = 'Choose';",
    "throw unsupported('a very long list');",
    'throw invalidOnnx(`a number at byte ${at} is cut`);',
    "this.#log.info('Loaded ' + name);",
    "throw this.#broken('a colon is expected');",
    "throw new ExplainError('INTERNAL', say('a.b', { reason }));",
  ];
  const found = lines.map((line) => written([parse('x.ts', line)]).length);
  expect(found).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0]);
  expect(unsaid(['a.b', 'a.c', 'k.one', 'k.two.x'], [parse('x.ts', "say('a.b'); say(`k.${kind}`);")])).toEqual([
    'a.c',
    'k.two.x',
  ]);
});
