import * as vscode from 'vscode';
import type { ExplanationSnapshot } from '../../protocol/panel';
import type { Recipe } from '../../session/recipe/recipe';
import type { Session } from '../../session/session';
import type { Weights } from '../../session/weights';
import type { ExplainedText } from '../../session/subject/subject';

/** One panel's explanation, as the editor's parts see it: what it is of, what there is of it, and its weights. */
export class ExplanationController implements vscode.Disposable {
  readonly #session: Session;
  readonly #changed = new vscode.EventEmitter<ExplanationSnapshot | null>();
  /** The panel's name in the session. */
  readonly place: string;

  /** Fires with whole snapshots. */
  readonly onDidChange = this.#changed.event;

  constructor(session: Session, place: string) {
    this.#session = session;
    this.place = place;
  }

  get snapshot(): ExplanationSnapshot | null {
    return this.#session.snapshot(this.place);
  }

  /** The text that is explained. */
  get selected(): ExplainedText | null {
    return this.#session.explained(this.place);
  }

  /** What to keep so that this explanation can be computed again; null where there is none. */
  get recipe(): Recipe | null {
    return this.#session.recipe(this.place);
  }

  /** The weights of what is on show. @throws ExplainError EXPLANATION_GONE */
  engineFor(explanation: string): Weights {
    return this.#session.weightsOf(explanation);
  }

  /** The document no longer has the text where it was, or has it there again. */
  setStale(stale: boolean): void {
    const { snapshot } = this;
    if (snapshot) this.#session.setStale(snapshot.id, stale);
  }

  rename(uri: string, title: string): void {
    const { snapshot } = this;
    if (snapshot) this.#session.rename(snapshot.id, uri, title);
  }

  /** The session says that the panel shows something else. */
  fire(snapshot: ExplanationSnapshot | null): void {
    this.#changed.fire(snapshot);
  }

  dispose(): void {
    this.#changed.dispose();
  }
}
