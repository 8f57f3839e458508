import * as vscode from 'vscode';
import type { AxisName, RowLimits, SequenceName } from '../../attention/types';
import { toByte, zeroByte } from '../../measure/bytes';
import { costScale } from '../../measure/costScale';
import { restingReading } from '../../measure/meanReceived';
import { MEASURES } from '../../measure/measure';
import { readingOf, roleOf, sieveOf, type TokenReading, type TokenRole } from '../../measure/reading';
import { isSifting } from '../../measure/sift';
import { axisWithin, sinksMarked, unitsOf, unitsWith } from '../../measure/units';
import { wholeView, type WholeView } from '../../protocol/defaultView';
import type { LeftOutCosts } from '../../protocol/engine';
import type { ExplanationSnapshot } from '../../protocol/panel';
import type { Weights } from '../../session/weights';
import type { EditorText } from './editorText';
import { shownMap, shownMeasure, shownNumbers, type ShownNumbers } from './shownNumbers';
import type { ExplanationController } from '../run/explanationController';
import { focusQuery } from './focusQuery';
import { readSettings, SETTINGS_SECTION } from '../settings';
import type { ShownAlignment } from '../run/shownAlignment';
import type { SharedView } from '../run/sharedView';
import type { ShownWhole } from '../run/shownWhole';

/** Levels of strength to each side of zero, each with a colour that the theme can set: `explainAttention.weight1` to `8`. */
const LEVELS = 8;
/** Below this share of the scale a token is not coloured: it would only grey the text. */
const FAINTEST = 0.02;

/**
 * A token's strength: as a background, and as a line under it whose thickness grows with it. A selection has a
 * background of its own, over which only the line can be seen; it is there right after the command.
 */
function levelDecoration(level: number, sign: 'weight' | 'negative'): vscode.TextEditorDecorationType {
  return vscode.window.createTextEditorDecorationType({
    backgroundColor: new vscode.ThemeColor(`explainAttention.${sign}${level + 1}`),
    borderColor: new vscode.ThemeColor(
      sign === 'weight' ? 'explainAttention.underline' : 'explainAttention.negativeUnderline',
    ),
    borderStyle: sign === 'weight' ? 'solid' : 'dashed',
    borderWidth: `0 0 ${underlineWidth(level)}px 0`,
    borderRadius: '2px',
  });
}

/** Thickness of the line under a token, in pixels: 1 to 4. */
const underlineWidth = (level: number): number => 1 + Math.floor((level * 4) / LEVELS);

const levels = <Item>(of: (level: number) => Item): Item[] => Array.from({ length: LEVELS }, (_, level) => of(level));

/** A number of the explained text, and where that stands in the document. */
interface ColouredRange {
  readonly value: number;
  readonly range: vscode.Range;
}

interface Parts {
  readonly controller: ExplanationController;
  readonly view: SharedView;
  readonly text: EditorText;
  readonly alignment: ShownAlignment;
  readonly whole: ShownWhole;
}

/**
 * Colours the explained text in the editor by the numbers of the token that is hovered, focused or locked; while none is, by what the
 * pieces of the input are worth, where the panel shows that, and by what each of them receives on average where it does not.
 */
export class EditorAnnotations implements vscode.Disposable {
  readonly #controller: ExplanationController;
  readonly #view: SharedView;
  readonly #text: EditorText;
  readonly #alignment: ShownAlignment;
  readonly #whole: ShownWhole;
  readonly #above = levels((level) => levelDecoration(level, 'weight'));
  readonly #below = levels((level) => levelDecoration(level, 'negative'));
  readonly #focused: vscode.TextEditorDecorationType;
  readonly #subscriptions: readonly { dispose(): unknown }[];
  #painting: AbortController | undefined;
  #painted: string | undefined;
  /** The pieces whose costs were there when the text last changed. */
  #measured: LeftOutCosts | null = null;

  constructor({ controller, view, text, alignment, whole }: Parts) {
    this.#controller = controller;
    this.#view = view;
    this.#text = text;
    this.#alignment = alignment;
    this.#whole = whole;
    this.#focused = vscode.window.createTextEditorDecorationType({
      border: '1px solid',
      borderColor: new vscode.ThemeColor('focusBorder'),
      borderRadius: '2px',
    });
    this.#subscriptions = [
      controller.onDidChange((snapshot) => this.#onSnapshot(snapshot)),
      view.onDidChangeFocus(() => void this.#paint()),
      view.onDidChangeView(() => void this.#paint()),
      whole.onDidChange(() => {
        if (!view.focus) void this.#paint();
      }),
      vscode.window.onDidChangeVisibleTextEditors(() => void this.#paint()),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration(`${SETTINGS_SECTION}.editorAnnotations`)) void this.#paint();
      }),
      ...this.#above,
      ...this.#below,
      this.#focused,
    ];
  }

  clear(): void {
    this.#painting?.abort();
    for (const editor of vscode.window.visibleTextEditors) {
      for (const decoration of [...this.#above, ...this.#below, this.#focused]) editor.setDecorations(decoration, []);
    }
  }

  dispose(): void {
    this.clear();
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  #onSnapshot(snapshot: ExplanationSnapshot | null): void {
    const { focus } = this.#view;
    // A token that is locked before the text has been read (after a reload) is coloured once it is there.
    const isThere =
      snapshot?.early === false && focus && focus.indices.every((index) => index < snapshot[focus.sequence].length);
    const { pieces } = this.#whole;
    const key = snapshot && !snapshot.stale ? `${snapshot.id} ${isThere === true} ${isComplete(snapshot)}` : undefined;
    if (key === this.#painted && pieces === this.#measured) return;
    this.#measured = pieces;
    this.#painted = key;
    if (key === undefined) this.clear();
    else void this.#paint();
  }

  async #paint(): Promise<void> {
    this.#painting?.abort();
    const { document } = this.#text;
    const { focus } = this.#view;
    const { snapshot } = this.#controller;
    if (!document || snapshot?.early !== false || !readSettings().editorAnnotations) {
      this.clear();
      return;
    }
    const { pieces } = this.#whole;
    if (!focus && pieces) {
      this.#apply(document, this.#ofPieces(document, pieces), costLevel(pieces), []);
      return;
    }
    // While tokens come the mean changes with each of them; without the panel nothing would say what it is.
    if (!focus && !(isComplete(snapshot) && this.#whole.isInSight)) {
      this.clear();
      return;
    }
    const painting = new AbortController();
    this.#painting = painting;
    try {
      const view = wholeView(this.#view.view);
      const axis = axisWithin(view.axis, snapshot.source, snapshot.target);
      if (!focus) {
        const reading = await this.#atRest(snapshot, view, axis, painting.signal);
        if (!painting.signal.aborted) this.#applyReading(document, axis, undefined, reading);
        return;
      }
      const { sequence, indices } = focus;
      const own = unitsWith(unitsOf(snapshot[sequence], axis), indices);
      if (focus.by === 'alignment') {
        const aligned = await this.#alignment.reading(focus, axis, painting.signal);
        if (!painting.signal.aborted) this.#applyReading(document, axis, { sequence, own }, aligned);
        return;
      }
      const role = roleOf(snapshot.model?.kinds ?? [], view, sequence);
      const engine = this.#controller.engineFor(snapshot.id);
      const query = focusQuery(snapshot.id, { sequence, indices }, view, axis);
      const numbers = await shownNumbers(engine, view, query, painting.signal);
      const limits = role && (await this.#limits(engine, numbers, { role, view, axis }, painting.signal));
      if (painting.signal.aborted) return;
      const others = role && sinksMarked(unitsOf(snapshot[role.others], axis), role.others, snapshot.model?.family);
      const reading = role && others && readingOf(numbers.list, role, others, view, limits);
      this.#applyReading(document, axis, { sequence, own }, reading);
    } catch {
      // Aborted by the next hover; or the text went on meanwhile, or is gone: the next snapshot paints anew, or clears what is coloured.
      if (!painting.signal.aborted) this.#painted = undefined;
    }
  }

  /** What each token or word receives on average in the map on show, as the panel has it while none is looked at. */
  async #atRest(
    snapshot: ExplanationSnapshot,
    view: WholeView,
    axis: AxisName,
    signal: AbortSignal,
  ): Promise<TokenReading | undefined> {
    const { kinds = [], family } = snapshot.model ?? {};
    const info = kinds.find(({ kind }) => kind === view.kind) ?? kinds[0];
    if (!info || [info.queries, info.keys].some((sequence) => snapshot[sequence].length === 0)) return undefined;
    const engine = this.#controller.engineFor(snapshot.id);
    const shown = await shownMeasure(engine, view, snapshot.id, signal);
    const map = await shownMap(engine, shown, { kind: info.kind, view, axis }, signal);
    const [queries, keys] = [info.queries, info.keys].map((sequence) =>
      sinksMarked(unitsOf(snapshot[sequence], axis), sequence, family),
    );
    return queries && keys && restingReading(map, info, { queries, keys }, view);
  }

  /** What cutting comes to in each row, where a column is shown: its own numbers cannot tell. */
  async #limits(
    engine: Weights,
    numbers: ShownNumbers,
    { role, view, axis }: { readonly role: TokenRole; readonly view: WholeView; readonly axis: AxisName },
    signal: AbortSignal,
  ): Promise<RowLimits | undefined> {
    const { kind } = role.info;
    if (role.role === 'query' || !isSifting(sieveOf(view, kind))) return undefined;
    return (await shownMap(engine, numbers, { kind, view, axis }, signal)).sifted?.limits;
  }

  /** Where each piece's words stand, with the change without it; words that follow each other are one range. */
  #ofPieces(document: vscode.TextDocument, { sequence, ranges, costs }: LeftOutCosts): readonly ColouredRange[] {
    const units = unitsOf(this.#controller.snapshot?.[sequence] ?? [], 'words');
    return ranges.flatMap(({ from, to }, at) => {
      const tokens = Array.from({ length: to - from }, (_, index) => from + index);
      const places = unitsWith(units, tokens).flatMap(
        (index) => this.#text.place(sequence, index, 'words')?.range ?? [],
      );
      // A change is what is gained or lost without the piece: a loss where the piece costs.
      return joined(document, places).map((range) => ({ value: -(costs[at] ?? NaN), range }));
    });
  }

  /** @param focused the looked-at units, by their places; undefined where none is */
  #applyReading(
    document: vscode.TextDocument,
    axis: AxisName,
    focused: { readonly sequence: SequenceName; readonly own: readonly number[] } | undefined,
    reading: TokenReading | undefined,
  ): void {
    const own = focused?.own.flatMap((index) => this.#text.place(focused.sequence, index, axis)?.range ?? []) ?? [];
    const values = [...(reading?.values ?? [])];
    const coloured = values.flatMap((value, index): ColouredRange[] => {
      const placed = reading && !reading.isHidden(index) && this.#text.place(reading.sequence, index, axis);
      return placed ? [{ value, range: placed.range }] : [];
    });
    this.#apply(document, coloured, (value) => reading && levelOf(value, reading), own);
  }

  /** @param levelFor a number's level; undefined where it has no colour */
  #apply(
    document: vscode.TextDocument,
    coloured: readonly ColouredRange[],
    levelFor: (value: number) => number | undefined,
    own: readonly vscode.Range[],
  ): void {
    const above = levels((): vscode.Range[] => []);
    const below = levels((): vscode.Range[] => []);
    for (const { value, range } of coloured) {
      const level = levelFor(value);
      if (level !== undefined) (value < 0 ? below : above)[level]?.push(range);
    }
    for (const editor of vscode.window.visibleTextEditors) {
      if (editor.document !== document) continue;
      this.#above.forEach((decoration, level) => editor.setDecorations(decoration, above[level] ?? []));
      this.#below.forEach((decoration, level) => editor.setDecorations(decoration, below[level] ?? []));
      editor.setDecorations(this.#focused, own);
    }
  }
}

/** True where no more tokens come by themselves. */
const isComplete = ({ status }: ExplanationSnapshot): boolean => status === 'done' || status === 'paused';

/** Ranges with nothing but white space between them as one. */
function joined(document: vscode.TextDocument, ranges: readonly vscode.Range[]): readonly vscode.Range[] {
  const out: vscode.Range[] = [];
  for (const range of ranges) {
    const last = out.at(-1);
    const follows = last?.end.isBeforeOrEqual(range.start) === true;
    const between = last && follows ? document.getText(new vscode.Range(last.end, range.start)) : 'x';
    if (last && between.trim() === '') out.splice(-1, 1, new vscode.Range(last.start, range.end));
    else out.push(range);
  }
  return out;
}

/** The levels of changes without pieces, on the panel's scale of them. */
function costLevel({ costs }: LeftOutCosts): (value: number) => number | undefined {
  const scale = costScale(costs);
  return (value) => levelOf(value, { measure: MEASURES.difference, scale });
}

/** The level of a number on its scale, 0 to 7; undefined where it is too faint to be coloured. */
function levelOf(value: number, { measure, scale }: Pick<TokenReading, 'measure' | 'scale'>): number | undefined {
  const zero = zeroByte(measure);
  const share = Math.abs(toByte(value * scale, measure) - zero) / (255 - zero);
  return share < FAINTEST ? undefined : Math.min(LEVELS - 1, Math.floor(share * LEVELS));
}
