import * as vscode from 'vscode';
import { wholeView } from '../../protocol/defaultView';
import type { LeftOutCosts } from '../../protocol/engine';
import type { Session } from '../../session/session';
import type { PanelHost } from '../webviews/panelHost';
import type { ExplanationController } from './explanationController';
import type { SharedView } from './sharedView';

/** What pieces of the input are worth, as long as the panel shows it: for the editor's colours. */
export class ShownCosts implements vscode.Disposable {
  readonly #session: Session;
  readonly #controller: ExplanationController;
  readonly #view: SharedView;
  readonly #panel: PanelHost;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #subscriptions: readonly { dispose(): unknown }[];

  /** Fires where more, or something else, is known, and where the panel is closed. */
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
      panel.onDidClose(() => this.#changed.fire()),
      this.#changed,
    ];
  }

  /** Null where the panel shows none: the lesson stands in its place. */
  get pieces(): LeftOutCosts | null {
    const isInSight = this.#panel.isOpen && wholeView(this.#view.view).lesson === null;
    return isInSight ? this.#session.costs(this.#controller.place).pieces : null;
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }
}
