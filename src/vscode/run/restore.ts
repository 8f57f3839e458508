import * as vscode from 'vscode';
import { ExplainError } from '../../errors';
import { isTokenFocus, isViewState } from '../../protocol/checks';
import type { TokenFocus, ViewState } from '../../protocol/panel';
import type { ExplanationController } from './explanation';
import type { ModelLibrary } from '../models/modelLibrary';
import type { PanelHost } from '../webviews/panelHost';
import type { PanelService } from '../webviews/panelService';
import { parseRecipe, type Recipe } from './recipe';
import { mayBeOpened } from './recipeLimits';
import { textHash, textOfRange, type SelectedText } from '../editor/selection';
import type { SharedView } from './view';

/** The text of a recipe, as it is in the document now. @throws ExplainError DOCUMENT_CLOSED, DOCUMENT_CHANGED */
async function textOfRecipe(recipe: Recipe): Promise<SelectedText> {
  let document: vscode.TextDocument;
  try {
    const uri = vscode.Uri.parse(recipe.uri, true);
    const folders = vscode.workspace.workspaceFolders?.map((folder) => folder.uri.scheme) ?? [];
    if (!mayBeOpened(uri.scheme, folders)) throw new Error('not a document of this window');
    document = await vscode.workspace.openTextDocument(uri);
  } catch {
    throw new ExplainError(
      'DOCUMENT_CLOSED',
      'The document of this explanation is gone; select a text and explain it.',
    );
  }
  const range = new vscode.Range(document.positionAt(recipe.start), document.positionAt(recipe.end));
  const selected = range.isEmpty ? undefined : textOfRange(document, range);
  if (!selected || (await textHash(selected.text)) !== recipe.hash) {
    throw new ExplainError(
      'DOCUMENT_CHANGED',
      'The text of this explanation was edited since; select it and explain it again.',
    );
  }
  return selected;
}

const isFocus = (value: unknown): value is TokenFocus => isTokenFocus(value);

/**
 * Brings a panel back after a window reload: computes the same explanation again and goes to the same place in it.
 * Until that is done the panel's page keeps what it came with, the locked token among it, so that a window that is
 * reloaded meanwhile (or whose model cannot be loaded this time) comes back to the same place too.
 */
export class PanelRestorer implements vscode.WebviewPanelSerializer {
  readonly #panel: PanelHost;
  readonly #service: PanelService;
  readonly #controller: ExplanationController;
  readonly #view: SharedView;
  readonly #library: ModelLibrary;

  constructor(
    panel: PanelHost,
    service: PanelService,
    controller: ExplanationController,
    view: SharedView,
    library: ModelLibrary,
  ) {
    this.#panel = panel;
    this.#service = service;
    this.#controller = controller;
    this.#view = view;
    this.#library = library;
  }

  deserializeWebviewPanel(panel: vscode.WebviewPanel, state: unknown): Promise<void> {
    const { recipe: kept, view, focus } = fieldsOf(state);
    const recipe = parseRecipe(kept);
    if (isViewState(view)) this.#view.restore(view as ViewState);
    // The page itself keeps no token that its text does not have yet.
    const lock = [focus, fieldsOf(kept)['focus']].find(isFocus) ?? null;
    if (recipe) this.#service.unrestored = { ...recipe, focus: lock };
    this.#panel.adopt(panel);
    // The panel is restored at once; the computing goes on behind it.
    if (recipe) void this.#compute(recipe, lock);
    return Promise.resolve();
  }

  async #compute(recipe: Recipe, focus: TokenFocus | null): Promise<void> {
    try {
      const selected = await textOfRecipe(recipe);
      // A model that was removed since gives way to the current one.
      const model = (await this.#library.find(recipe.modelId)) ?? (await this.#library.current());
      const running = this.#controller.explain(selected, model, recipe.windowStart, recipe);
      this.#view.setFocus(focus);
      await running;
    } catch (thrown) {
      const title = recipe.uri.split('/').pop() ?? '';
      await this.#controller.refuse(
        title,
        thrown instanceof ExplainError ? thrown : new ExplainError('INTERNAL', String(thrown)),
      );
    }
    const { snapshot } = this.#controller;
    if (snapshot?.status === 'failed') this.#keepWhile(snapshot.id);
    else this.#service.unrestored = null;
  }

  /** What could not be restored is kept until something else is explained. */
  #keepWhile(explanation: string): void {
    const watching = this.#controller.onDidChange((snapshot) => {
      if (snapshot?.id === explanation) return;
      this.#service.unrestored = null;
      watching.dispose();
    });
  }
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
