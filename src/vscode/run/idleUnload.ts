import type * as vscode from 'vscode';
import type { EngineHost } from './engineHost';
import type { Places } from './places';
import { readSettings } from '../settings';

/** Gives the model's memory back some minutes after the last panel was closed. */
export class IdleUnload implements vscode.Disposable {
  readonly #subscription: vscode.Disposable;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(places: Places, engine: EngineHost) {
    this.#subscription = places.onDidChange(() => {
      clearTimeout(this.#timer);
      const { unloadAfterMinutes } = readSettings();
      if (unloadAfterMinutes > 0 && !places.anyOpen)
        this.#timer = setTimeout(() => engine.unload(), unloadAfterMinutes * 60_000);
    });
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#subscription.dispose();
  }
}
