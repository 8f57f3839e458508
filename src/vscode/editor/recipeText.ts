import * as vscode from 'vscode';
import { ExplainError } from '../../errors';
import { textHash } from '../../hash/sha256';
import type { Recipe } from '../../session/recipe/recipe';
import type { ExplainedText } from '../../session/subject/subject';
import { say } from '../../text/say';
import { eolOf, MAX_SELECTION, titleOf } from './selection';
import { writtenAs } from './writtenAs';

const LINE_END = /\r\n|\r|\n/g;

/** The text of a recipe, as it is in the document now. @throws ExplainError DOCUMENT_CLOSED, DOCUMENT_CHANGED */
export async function textOfRecipe(recipe: Recipe): Promise<ExplainedText> {
  const document = await open(recipe.uri);
  const explained = textAt(document, recipe);
  if (!explained || (await textHash(explained.text)) !== recipe.hash)
    throw new ExplainError('DOCUMENT_CHANGED', say('host.textChanged'));
  return explained;
}

async function open(kept: string): Promise<vscode.TextDocument> {
  let uri: vscode.Uri;
  try {
    uri = vscode.Uri.parse(kept, true);
  } catch {
    throw new ExplainError('DOCUMENT_CLOSED', say('host.documentGone'));
  }
  if (!mayOpen(uri)) throw new ExplainError('DOCUMENT_CLOSED', say('host.documentForeign', { scheme: uri.scheme }));
  try {
    return await vscode.workspace.openTextDocument(uri);
  } catch {
    throw new ExplainError('DOCUMENT_CLOSED', say('host.documentGone'));
  }
}

/**
 * Only what the user has here is opened by itself: what a tab shows, what is in the workspace's own file system, a file
 * of this machine, a text that was never saved. A recipe comes from a page that shows untrusted text, and opening some
 * URIs asks a server, or runs another extension.
 */
function mayOpen(uri: vscode.Uri): boolean {
  const { scheme, authority } = uri;
  if (scheme === 'untitled' || scheme === 'vscode-notebook-cell' || (scheme === 'file' && authority === ''))
    return true;
  const folders = vscode.workspace.workspaceFolders ?? [];
  if (folders.some((folder) => folder.uri.scheme === scheme && folder.uri.authority === authority)) return true;
  const text = uri.toString();
  return (
    vscode.workspace.textDocuments.some((document) => document.uri.toString() === text) ||
    vscode.window.tabGroups.all.some(({ tabs }) => tabs.some(({ input }) => shows(input, text)))
  );
}

function shows(input: unknown, uri: string): boolean {
  if (input instanceof vscode.TabInputText) return input.uri.toString() === uri;
  return (
    input instanceof vscode.TabInputTextDiff && [input.original, input.modified].some((side) => side.toString() === uri)
  );
}

/** The recipe's pieces with the line ends that they had; undefined where the document is too short for them. */
function textAt(document: vscode.TextDocument, recipe: Recipe): ExplainedText | undefined {
  const own = eolOf(document);
  const eol = recipe.eol ?? own;
  const whole = document.getText();
  const text = eol === own ? whole : whole.replace(LINE_END, eol);
  const last = recipe.ranges.at(-1)?.end ?? 0;
  const length = recipe.ranges.reduce((sum, { start, end }) => sum + end - start, 0);
  if (last > text.length || length > MAX_SELECTION) return undefined;
  const lines = lineCounter(text);
  let at = 0;
  const ranges = recipe.ranges.map(({ start, end }) => {
    const range = { start, end, ...lines(start), at };
    at += end - start + 1;
    return range;
  });
  const ends = recipe.ranges.map(({ end }) => lines(end));
  const places = ranges.map(
    ({ line, character }, index) =>
      new vscode.Range(line, character, ends[index]?.line ?? line, ends[index]?.character ?? character),
  );
  return {
    uri: document.uri.toString(),
    text: recipe.ranges.map(({ start, end }) => text.slice(start, end)).join('\n'),
    title: titleOf(document.uri, places),
    written: writtenAs(document.languageId),
    eol,
    ranges,
  };
}

/** Line and character of an offset in a text, from 0. */
function lineCounter(text: string): (offset: number) => { readonly line: number; readonly character: number } {
  const starts = [0, ...[...text.matchAll(LINE_END)].map(({ 0: end, index }) => index + end.length)];
  return (offset) => {
    let line = starts.findLastIndex((start) => start <= offset);
    line = Math.max(0, line);
    return { line, character: offset - (starts[line] ?? 0) };
  };
}
