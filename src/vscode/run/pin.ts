import * as vscode from 'vscode';
import type { ExplanationSnapshot, PinnedExplanation, PinnedMap } from '../../protocol/panel';
import type { PinnedRecipe } from '../../session/recipe/pinnedRecipe';
import type { Recipe } from '../../session/recipe/recipe';
import type { Session } from '../../session/session';
import type { Wanted } from '../../session/subject/wanted';

/** What a panel keeps pinned beside what it shows: an explanation in a place of its own, and the map that was on show. */
export class Pin implements vscode.Disposable {
  readonly #session: Session;
  readonly #panel: string;
  readonly #changed = new vscode.EventEmitter<void>();
  /** The pin's name in the session. */
  readonly place: string;
  #map: PinnedMap | null = null;
  /** What it has still to come back to after a reload. */
  #unrestored: PinnedRecipe | null = null;

  /** Fires where another explanation is pinned, or the pinned one has changed. */
  readonly onDidChange = this.#changed.event;

  /** @param panel the panel's name in the session */
  constructor(session: Session, panel: string) {
    this.#session = session;
    this.#panel = panel;
    this.place = `${panel}/pinned`;
  }

  get pinned(): PinnedExplanation | null {
    const snapshot = this.#session.snapshot(this.place);
    if (!snapshot || !this.#map) return null;
    const { id } = snapshot;
    return { id, map: this.#map, snapshot: this.#isShown ? null : snapshot };
  }

  /** What to keep so that it can be pinned again. */
  get recipe(): PinnedRecipe | null {
    if (this.#unrestored) return this.#unrestored;
    if (!this.#map || !this.pinned) return null;
    return { map: this.#map, recipe: this.#isShown ? null : this.#session.recipe(this.place) };
  }

  /** Pins an explanation that the panel shows. @throws ExplainError INVALID_REQUEST while it has no tokens yet */
  async pin(explanation: string, map: PinnedMap): Promise<void> {
    if (!(await this.#session.pin(explanation, this.place))) return;
    this.#map = map;
    this.#unrestored = null;
    this.#changed.fire();
  }

  /**
   * Pins an explanation and does what takes its place in the panel. Where that comes to nothing, what was pinned before is pinned again.
   * @param run true where the panel shows something else now
   */
  async pinFor(explanation: string, map: PinnedMap, run: () => Promise<boolean>): Promise<void> {
    const before = { map: this.#map, unrestored: this.#unrestored };
    const held = this.#session.snapshot(this.place);
    const kept = held && held.source.length + held.target.length > 0 ? held.id : undefined;
    const aside = `${this.place}/before`;
    if (kept !== undefined) await this.#session.pin(kept, aside);
    try {
      await this.pin(explanation, map);
      if (await run()) return;
      if (kept === undefined) await this.close();
      else await this.#session.pin(kept, this.place);
      this.#map = before.map;
      this.#unrestored = before.unrestored;
      this.#changed.fire();
    } finally {
      await this.#session.close(aside);
    }
  }

  /** Lets it go; another one that was pinned since stays. */
  async unpin(explanation: string): Promise<void> {
    if (this.#session.snapshot(this.place)?.id !== explanation) return;
    await this.close();
  }

  async close(): Promise<void> {
    this.#unrestored = null;
    this.#map = null;
    await this.#session.close(this.place);
    this.#changed.fire();
  }

  /** What is to be restored is kept from now on, until it is: the window may be reloaded meanwhile. */
  expect(kept: PinnedRecipe): void {
    this.#unrestored = kept;
    this.#map = kept.map;
  }

  /**
   * Pins what was pinned before a reload, once the panel shows again what it showed.
   * @param prepare finds the text and the model; what it throws is shown in its place
   */
  async restore(kept: PinnedRecipe, prepare: (recipe: Recipe) => Promise<Wanted>): Promise<void> {
    if (this.#unrestored !== kept) return;
    const { recipe, map } = kept;
    if (recipe) {
      this.#session.open(this.place, 'pinned');
      const title = recipe.uri.split('/').pop() ?? '';
      await this.#session.restore(this.place, title, () => prepare(recipe));
      return;
    }
    this.#unrestored = null;
    const shown = this.#session.snapshot(this.#panel);
    if (shown && shown.source.length + shown.target.length > 0) await this.pin(shown.id, map);
  }

  /** The session says that what is pinned has changed. What could not be restored is kept for the next time. */
  fire(snapshot: ExplanationSnapshot | null): void {
    if (this.#unrestored?.recipe && (snapshot?.status === 'done' || snapshot?.status === 'paused'))
      this.#unrestored = null;
    this.#changed.fire();
  }

  dispose(): void {
    this.#changed.dispose();
  }

  get #isShown(): boolean {
    const id = this.#session.snapshot(this.place)?.id;
    return id !== undefined && this.#session.snapshot(this.#panel)?.id === id;
  }
}
