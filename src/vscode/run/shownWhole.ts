import * as vscode from 'vscode';
import { wholeView } from '../../protocol/defaultView';
import type { LeftOutCosts } from '../../protocol/engine';
import type { Session } from '../../session/session';
import type { PanelHost } from '../webviews/panelHost';
import type { ExplanationController } from './explanationController';
import type { SharedView } from './sharedView';

/** What the panel shows of the text as a whole, while no token is looked at: for the editor's colours. */
export class ShownWhole implements vscode.Disposable {
  readonly #session: Session;
  readonly #controller: ExplanationController;
  readonly #view: SharedView;
  readonly #panel: PanelHost;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #subscriptions: readonly { dispose(): unknown }[];

  /** Fires where more, or something else, is known of what pieces are worth, and where the panel is opened or closed. */
  readonly onDidChange = this.#changed.event;

  constructor(session: Session, controller: ExplanationController, view: SharedView, panel: PanelHost) {
    this.#session = session;
    this.#controller = controller;
    this.#view = view;
    this.#panel = panel;
    this.#subscriptions = [
      session.onDidChangeCosts((place) => {
        if (place === controller.place) this.#changed.fire();
      }),
      panel.onDidOpen(() => this.#changed.fire()),
      panel.onDidClose(() => this.#changed.fire()),
      this.#changed,
    ];
  }

  /** True where the panel has the text in it: it is open, and the lesson does not stand in its place. */
  get isInSight(): boolean {
    return this.#panel.isOpen && wholeView(this.#view.view).lesson === null;
  }

  /** What pieces of the input are worth; null where the panel does not show it. */
  get pieces(): LeftOutCosts | null {
    return this.isInSight ? this.#session.costs(this.#controller.place).pieces : null;
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }
}
