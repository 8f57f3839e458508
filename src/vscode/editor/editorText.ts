import * as vscode from 'vscode';
import type { AxisName, SequenceName } from '../../attention/types';
import { unitAt, unitsOf, type Unit } from '../../measure/units';
import { ExplainError } from '../../errors';
import type { ExplainedText } from '../../session/subject/subject';
import {
  isSameButLineEnds,
  movedRanges,
  offsetAt,
  spanOf,
  spanOfRange,
  textOf,
  type LineSpan,
} from '../../session/subject/textPlaces';
import { say } from '../../text/say';
import type { ExplanationController } from '../run/explanationController';
import { revealInDocument } from './reveal';
import { textOfRanges, titleOf } from './selection';

/** A token or word and its range in the document. */
export interface PlacedUnit {
  readonly sequence: SequenceName;
  /** Its place among the sequence's units. */
  readonly index: number;
  readonly unit: Unit;
  readonly range: vscode.Range;
}

const rangeOf = ({ start, end }: LineSpan): vscode.Range =>
  new vscode.Range(start.line, start.character, end.line, end.character);

/** Where the explained text's pieces are now, in offsets of its document as edits have moved them. */
interface Moved {
  readonly explained: ExplainedText;
  readonly ranges: readonly { readonly start: number; readonly end: number }[];
}

/**
 * Where the explained tokens are in the document. Watches it: once another text stands in their place nothing is placed
 * any more, until (after an undo) the same text stands there again. A new name and other line ends change no text.
 */
export class EditorText implements vscode.Disposable {
  readonly #controller: ExplanationController;
  readonly #subscriptions: readonly vscode.Disposable[];
  #moved: Moved | undefined;
  #compared: ExplainedText | undefined;

  constructor(controller: ExplanationController) {
    this.#controller = controller;
    this.#subscriptions = [
      vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        const { selected } = controller;
        if (!selected || document.uri.toString() !== selected.uri) return;
        const edits = contentChanges.map(({ rangeOffset, rangeLength, text }) => ({
          offset: rangeOffset,
          length: rangeLength,
          added: text.length,
        }));
        this.#moved = { explained: selected, ranges: movedRanges(this.#rangesOf(selected), edits) };
        this.#compare(document, selected);
      }),
      // The text may have been edited between the command and now. Not at once: others are still being told.
      controller.onDidChange(() => queueMicrotask(() => this.#compareNew())),
      // A document that was closed may have been changed on disk before it is opened again.
      vscode.workspace.onDidOpenTextDocument((document) => {
        const { selected } = controller;
        if (selected && document.uri.toString() === selected.uri) this.#compare(document, selected);
      }),
      vscode.workspace.onDidRenameFiles(({ files }) => {
        for (const { oldUri, newUri } of files) this.#rename(oldUri, newUri);
      }),
    ];
  }

  /** The open document that the explanation is of; undefined where it is closed or was edited. */
  get document(): vscode.TextDocument | undefined {
    const { selected, snapshot } = this.#controller;
    if (!selected || !snapshot || snapshot.stale) return undefined;
    return vscode.workspace.textDocuments.find((document) => document.uri.toString() === selected.uri);
  }

  /** A token's or word's range in the document; undefined where it has none. */
  place(sequence: SequenceName, index: number, axis: AxisName): PlacedUnit | undefined {
    const { selected, snapshot } = this.#controller;
    const unit = snapshot && unitsOf(snapshot[sequence], axis)[index];
    if (!this.document || !selected || !unit || unit.start < 0) return undefined;
    // A word is its letters; a token has the space that its tokenizer gave it.
    const own = selected.text.slice(unit.start, unit.end);
    const start = axis === 'words' && own.trim() !== '' ? unit.start + own.length - own.trimStart().length : unit.start;
    const span = spanOf(selected, start, unit.end);
    return span && { sequence, index, unit, range: rangeOf(span) };
  }

  /** The token or word at a position of the document. */
  at(document: vscode.TextDocument, position: vscode.Position, axis: AxisName): PlacedUnit | undefined {
    const { selected, snapshot } = this.#controller;
    if (!selected || !snapshot || this.document !== document) return undefined;
    const offset = offsetAt(selected, position);
    if (offset === undefined) return undefined;
    for (const sequence of ['source', 'target'] as const) {
      const index = snapshot[sequence].findIndex(({ start, end }) => start >= 0 && start <= offset && offset < end);
      if (index >= 0) return this.place(sequence, unitAt(unitsOf(snapshot[sequence], axis), index), axis);
    }
    return undefined;
  }

  /** Selects a token's text where its document is open, or opens it. @throws ExplainError DOCUMENT_CHANGED */
  async reveal(sequence: SequenceName, index: number): Promise<void> {
    const placed = this.place(sequence, index, 'tokens');
    const { document } = this;
    if (!placed || !document) throw new ExplainError('DOCUMENT_CHANGED', say('host.tokenHasNoPlace'));
    await revealInDocument(document, placed.range);
  }

  /**
   * The text that stands at the explained text's place now, as edits have moved it.
   * @throws ExplainError DOCUMENT_CLOSED, EMPTY_SELECTION, SELECTION_TOO_LARGE
   */
  async current(): Promise<ExplainedText> {
    const { selected } = this.#controller;
    if (!selected) throw new ExplainError('EXPLANATION_GONE', say('session.nothingYet'));
    let document: vscode.TextDocument;
    try {
      document = await vscode.workspace.openTextDocument(vscode.Uri.parse(selected.uri, true));
    } catch {
      throw new ExplainError('DOCUMENT_CLOSED', say('host.documentGone'));
    }
    const ranges = this.#rangesOf(selected)
      .filter(({ start, end }) => start < end)
      .map(({ start, end }) => new vscode.Range(document.positionAt(start), document.positionAt(end)));
    if (ranges.length === 0) throw new ExplainError('EMPTY_SELECTION', say('host.textDeleted'));
    return textOfRanges(document, ranges);
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  #rangesOf(explained: ExplainedText): Moved['ranges'] {
    return this.#moved?.explained === explained ? this.#moved.ranges : explained.ranges;
  }

  #compareNew(): void {
    const { selected } = this.#controller;
    if (!selected || selected === this.#compared) return;
    const document = vscode.workspace.textDocuments.find(({ uri }) => uri.toString() === selected.uri);
    if (document) this.#compare(document, selected);
    this.#compared = selected;
  }

  /** Compares what stands in the text's place with the text. */
  #compare(document: vscode.TextDocument, explained: ExplainedText): void {
    const spans = explained.ranges.map((range) => rangeOf(spanOfRange(explained, range)));
    const isSame = spans.every((span, at) => {
      const range = explained.ranges[at];
      return range !== undefined && isSameButLineEnds(document.getText(span), textOf(explained, range));
    });
    // What is in its place again after an undo, or at other offsets after a change of all line ends, has not moved.
    if (isSame)
      this.#moved = {
        explained,
        ranges: spans.map(({ start, end }) => ({ start: document.offsetAt(start), end: document.offsetAt(end) })),
      };
    this.#controller.setStale(!isSame);
  }

  #rename(from: vscode.Uri, to: vscode.Uri): void {
    const { selected } = this.#controller;
    if (!selected) return;
    const [before, after] = [from.toString(), to.toString()];
    if (selected.uri !== before && !selected.uri.startsWith(`${before}/`)) return;
    const uri = after + selected.uri.slice(before.length);
    const ranges = selected.ranges.map((range) => rangeOf(spanOfRange(selected, range)));
    const moved = this.#rangesOf(selected);
    this.#controller.rename(uri, titleOf(vscode.Uri.parse(uri, true), ranges));
    const renamed = this.#controller.selected;
    if (renamed) this.#moved = { explained: renamed, ranges: moved };
  }
}
