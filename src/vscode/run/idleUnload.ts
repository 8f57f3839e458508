import type * as vscode from 'vscode';
import type { EngineHost } from './engineHost';
import type { ExplanationController } from './explanation';
import type { PanelHost } from '../webviews/panelHost';
import { readSettings } from '../settings';

/** Gives the model's memory back some minutes after the panel was closed. */
export class IdleUnload implements vscode.Disposable {
  readonly #subscriptions: vscode.Disposable[];
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(panel: PanelHost, engine: EngineHost, controller: ExplanationController) {
    const arm = (): void => {
      clearTimeout(this.#timer);
      const { unloadAfterMinutes } = readSettings();
      if (unloadAfterMinutes > 0 && !panel.isOpen)
        this.#timer = setTimeout(() => engine.unload(), unloadAfterMinutes * 60_000);
    };
    this.#subscriptions = [panel.onDidClose(arm), controller.onDidChange(arm)];
  }

  dispose(): void {
    clearTimeout(this.#timer);
    for (const subscription of this.#subscriptions) subscription.dispose();
  }
}
