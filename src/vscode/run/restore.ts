import type * as vscode from 'vscode';
import { ExplainError } from '../../errors';
import { asObject } from '../../json/fields';
import { isTokenFocus, isViewState } from '../../protocol/checks';
import type { TokenFocus } from '../../protocol/panel';
import { readPinned, type PinnedRecipe } from '../../session/recipe/pinnedRecipe';
import { readRecipe, type KeptRecipe, type Recipe } from '../../session/recipe/recipe';
import type { Session } from '../../session/session';
import type { Wanted } from '../../session/subject/wanted';
import { say } from '../../text/say';
import { textOfRecipe } from '../editor/recipeText';
import type { ModelLibrary } from '../models/modelLibrary';
import type { PanelPlace, Places } from './places';

/**
 * Brings a panel back after a window reload: computes the same explanation again and goes to the same place in it.
 * Until that is done the panel's page keeps what it came with, the locked token among it, so that a window that is
 * reloaded meanwhile (or whose model cannot be loaded this time) comes back to the same place too.
 */
export class PanelRestorer implements vscode.WebviewPanelSerializer {
  readonly #places: Places;
  readonly #session: Session;
  readonly #library: ModelLibrary;

  constructor(places: Places, session: Session, library: ModelLibrary) {
    this.#places = places;
    this.#session = session;
    this.#library = library;
  }

  deserializeWebviewPanel(panel: vscode.WebviewPanel, state: unknown): Promise<void> {
    const { recipe: kept, view, focus } = asObject(state) ?? {};
    const place = this.#places.adopt(panel);
    if (isViewState(view)) place.view.restore(view);
    // The page itself keeps no token that its text does not have yet.
    const lock = [focus, asObject(kept)?.['focus']].find(isTokenFocus) ?? null;
    // The panel is restored at once; the computing goes on behind it.
    const pinned = readPinned(asObject(kept)?.['pinned']);
    if (pinned) place.pin.expect(pinned);
    void this.#compute(place, readRecipe(kept), lock && { ...lock, from: 'host' }, pinned);
    return Promise.resolve();
  }

  async #compute(
    place: PanelPlace,
    kept: KeptRecipe,
    lock: TokenFocus | null,
    pinned: PinnedRecipe | null,
  ): Promise<void> {
    const { controller, service, pin, view } = place;
    switch (kept.type) {
      case 'none':
        return;
      case 'dropped':
        await this.#session.restore(controller.place, '', () => {
          const why = kept.why === 'newer' ? say('host.recipeNewer') : say('host.recipeDamaged');
          return Promise.reject(new ExplainError('NOT_RESTORED', why));
        });
        return;
      case 'recipe': {
        const { recipe } = kept;
        service.unrestored = { ...recipe, focus: lock, ...(pinned && { pinned }) };
        const title = recipe.uri.split('/').pop() ?? '';
        await this.#session.restore(controller.place, title, async () => {
          const wanted = await this.#wanted(recipe);
          view.setFocus(lock);
          return wanted;
        });
        const { snapshot } = controller;
        if (snapshot?.status === 'failed') this.#keepWhile(place, snapshot.id);
        else service.unrestored = null;
        if (pinned) await pin.restore(pinned, (pinnedOne) => this.#wanted(pinnedOne));
      }
    }
  }

  async #wanted(recipe: Recipe): Promise<Wanted> {
    const explained = await textOfRecipe(recipe);
    // A model that was removed since gives way to the current one.
    const model = (await this.#library.find(recipe.modelId)) ?? (await this.#library.current());
    return { explained, model, windowStart: recipe.windowStart, replay: recipe };
  }

  /** What could not be restored is kept until something else is explained. */
  #keepWhile({ controller, service }: PanelPlace, explanation: string): void {
    const watching = controller.onDidChange((snapshot) => {
      if (snapshot?.id === explanation) return;
      service.unrestored = null;
      watching.dispose();
    });
  }
}
