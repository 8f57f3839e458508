import * as vscode from 'vscode';
import type { ModelReport } from '../../protocol/engine';
import type { TokenFocus, ViewState } from '../../protocol/panel';
import { DEFAULT_VIEW } from '../../protocol/defaultView';

/** What the user looks at, shared by panel, generation view and editor. */
export class SharedView implements vscode.Disposable {
  readonly #viewChanged = new vscode.EventEmitter<ViewState>();
  readonly #focusChanged = new vscode.EventEmitter<TokenFocus | null>();
  #view: ViewState = DEFAULT_VIEW;
  #focus: TokenFocus | null = null;
  #fittedTo: string | undefined;
  #restored = false;

  readonly onDidChangeView = this.#viewChanged.event;
  readonly onDidChangeFocus = this.#focusChanged.event;

  get view(): ViewState {
    return this.#view;
  }

  get focus(): TokenFocus | null {
    return this.#focus;
  }

  setView(view: ViewState): void {
    if (JSON.stringify(view) === JSON.stringify(this.#view)) return;
    this.#view = view;
    this.#viewChanged.fire(view);
  }

  setFocus(focus: TokenFocus | null): void {
    if (JSON.stringify(focus) === JSON.stringify(this.#focus)) return;
    this.#focus = focus;
    this.#focusChanged.fire(focus);
  }

  /**
   * Brings the view within what a model has. A model that is seen for the first time opens at the head that its maker
   * names as aligning, unless a view was restored.
   */
  fit({ modelId, kinds, alignmentHeads }: ModelReport): void {
    const [aligning] = alignmentHeads;
    const fresh = this.#fittedTo !== modelId && !this.#restored;
    this.#fittedTo = modelId;
    this.#restored = false;
    const wanted = fresh && aligning ? { ...this.#view, ...aligning } : this.#view;
    const info = kinds.find(({ kind }) => kind === wanted.kind) ?? kinds.at(-1);
    if (!info) return;
    const { kind, layers, heads } = info;
    this.setView({
      ...wanted,
      kind,
      layer: Math.min(wanted.layer, layers - 1),
      head: Math.min(wanted.head, heads - 1),
    });
  }

  /** Takes a view that was kept across a reload. */
  restore(view: ViewState): void {
    this.#restored = true;
    this.setView(view);
  }

  dispose(): void {
    this.#viewChanged.dispose();
    this.#focusChanged.dispose();
  }
}
