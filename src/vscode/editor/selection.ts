import * as vscode from 'vscode';
import { ExplainError } from '../../errors';
import type { ExplainedText, TextRange } from '../../session/subject/subject';
import { counted, say } from '../../text/say';
import { writtenAs } from './writtenAs';

/** The longest text taken, in UTF-16 code units; longer ones are refused before they are copied about. */
export const MAX_SELECTION = 1_000_000;

/** Several selections are read one after another, each in a line of its own. */
const JOIN = '\n';

/** The document's own way to end a line. */
export function eolOf({ eol }: vscode.TextDocument): ExplainedText['eol'] {
  return eol === vscode.EndOfLine.CRLF ? '\r\n' : '\n';
}

/** A heading such as `README.md:3–5, 9`. */
export function titleOf(uri: vscode.Uri, ranges: readonly vscode.Range[]): string {
  const name = uri.path.split('/').pop() ?? uri.path;
  const lines = ranges.map(({ start, end }) =>
    start.line === end.line ? `${start.line + 1}` : `${start.line + 1}–${end.line + 1}`,
  );
  return `${name}:${[...new Set(lines)].join(', ')}`;
}

/** The text of some ranges, joined and checked. @throws ExplainError SELECTION_TOO_LARGE, EMPTY_SELECTION */
export function textOfRanges(document: vscode.TextDocument, ranges: readonly vscode.Range[]): ExplainedText {
  const ordered = [...ranges].sort((one, other) => one.start.compareTo(other.start));
  const offsets = ordered.map(({ start, end }) => ({ start: document.offsetAt(start), end: document.offsetAt(end) }));
  const length = offsets.reduce((sum, { start, end }) => sum + end - start, JOIN.length * (offsets.length - 1));
  if (length > MAX_SELECTION)
    throw new ExplainError(
      'SELECTION_TOO_LARGE',
      say('host.selectionTooLarge', {
        length: counted(length),
        most: counted(MAX_SELECTION),
      }),
    );
  const texts = ordered.map((range) => document.getText(range));
  if (texts.every((text) => text.trim() === '')) throw new ExplainError('EMPTY_SELECTION', say('host.emptySelection'));
  let at = 0;
  const placed = ordered.map(({ start: { line, character } }, index): TextRange => {
    const { start, end } = offsets[index] ?? { start: 0, end: 0 };
    const range = { start, end, line, character, at };
    at += end - start + JOIN.length;
    return range;
  });
  return {
    uri: document.uri.toString(),
    text: texts.join(JOIN),
    title: titleOf(document.uri, ordered),
    written: writtenAs(document.languageId),
    eol: eolOf(document),
    ranges: placed,
  };
}

/** A cursor's line without its white space at both ends. */
function lineAt(document: vscode.TextDocument, position: vscode.Position): vscode.Range {
  const line = document.lineAt(position.line);
  const to = line.text.trimEnd().length;
  return new vscode.Range(line.lineNumber, Math.min(line.firstNonWhitespaceCharacterIndex, to), line.lineNumber, to);
}

/**
 * What the command explains: all that is selected, or the lines of the cursors where nothing is.
 * @throws ExplainError NO_EDITOR, EMPTY_SELECTION, SELECTION_TOO_LARGE
 */
export function selectedText(editor: vscode.TextEditor | undefined): ExplainedText {
  const { document, ranges } = selectedRanges(editor);
  return textOfRanges(document, ranges);
}

/**
 * The two texts that are compared: two selections, or the lines of two cursors, in the order of the document.
 * @throws ExplainError PAIR_NEEDED where there are not two; else as `selectedText`
 */
export function selectedPair(editor: vscode.TextEditor | undefined): readonly [ExplainedText, ExplainedText] {
  const { document, ranges } = selectedRanges(editor);
  const [one, other, ...more] = [...ranges].sort((first, second) => first.start.compareTo(second.start));
  if (!one || !other || more.length > 0) throw new ExplainError('PAIR_NEEDED', say('host.twoToCompare'));
  return [textOfRanges(document, [one]), textOfRanges(document, [other])];
}

/** All that is selected, or the lines of the cursors where nothing is. */
function selectedRanges(editor: vscode.TextEditor | undefined): {
  readonly document: vscode.TextDocument;
  readonly ranges: readonly vscode.Range[];
} {
  if (!editor) throw new ExplainError('NO_EDITOR', say('host.noEditor'));
  const { document, selections } = editor;
  const selected = selections.filter(({ isEmpty }) => !isEmpty);
  if (selected.length > 0) return { document, ranges: selected };
  const lines = new Map(selections.map(({ active }) => [active.line, lineAt(document, active)]));
  return { document, ranges: [...lines.values()] };
}
