import * as vscode from 'vscode';
import { ExplainError } from '../../errors';

/** The longest text taken, in UTF-16 code units; longer ones are refused before they are copied about. */
export const MAX_SELECTION = 1_000_000;

/** A piece of a document to explain. */
export interface SelectedText {
  readonly uri: vscode.Uri;
  readonly version: number;
  /** UTF-16 offsets of the text in the document. */
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** File name and lines, for headings. */
  readonly title: string;
}

/** A heading such as `README.md:3–5`. */
function titleOf(document: vscode.TextDocument, range: vscode.Range): string {
  const name = document.uri.path.split('/').pop() ?? document.uri.path;
  const first = range.start.line + 1;
  const last = range.end.line + 1;
  return first === last ? `${name}:${first}` : `${name}:${first}–${last}`;
}

/** The text of `range`, checked. @throws ExplainError SELECTION_TOO_LARGE, EMPTY_SELECTION */
export function textOfRange(document: vscode.TextDocument, range: vscode.Range): SelectedText {
  const start = document.offsetAt(range.start);
  const end = document.offsetAt(range.end);
  if (end - start > MAX_SELECTION) {
    throw new ExplainError(
      'SELECTION_TOO_LARGE',
      `The selection has ${(end - start).toLocaleString('en')} characters; select at most ${MAX_SELECTION.toLocaleString('en')} (a paragraph shows best).`,
    );
  }
  const text = document.getText(range);
  if (text.trim() === '') {
    throw new ExplainError(
      'EMPTY_SELECTION',
      'There is nothing to explain here: select some text, or put the cursor in a line that has some.',
    );
  }
  return { uri: document.uri, version: document.version, start, end, text, title: titleOf(document, range) };
}

/**
 * What the command explains: the selection, or the cursor's line where nothing is selected (its white space at both
 * ends left out, so that positions stay those of the text).
 * @throws ExplainError NO_EDITOR, EMPTY_SELECTION, SELECTION_TOO_LARGE
 */
export function selectedText(editor: vscode.TextEditor | undefined): SelectedText {
  if (!editor)
    throw new ExplainError('NO_EDITOR', 'Open a text file and select some text, then run Explain Attention again.');
  const { document, selection } = editor;
  if (!selection.isEmpty) return textOfRange(document, selection);
  const line = document.lineAt(selection.active.line);
  const from = line.firstNonWhitespaceCharacterIndex;
  const to = line.text.trimEnd().length;
  return textOfRange(document, new vscode.Range(line.lineNumber, Math.min(from, to), line.lineNumber, to));
}

/** SHA-256 of a text in hex, to recognise it after a reload without keeping it. */
export async function textHash(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
