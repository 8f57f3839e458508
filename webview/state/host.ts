/** The way to the extension host: one RPC over VS Code's messages, and the little state that outlives the page. */
import { isObject } from '../../src/json/fields';
import { PANEL_ANSWERS } from '../../src/protocol/answers/panelAnswers';
import { arrivalsOf } from '../../src/protocol/arrivals';
import { PANEL_EVENTS } from '../../src/protocol/events/panelEvents';
import type { TokenFocus, ViewState, PanelApi, PanelEvents } from '../../src/protocol/panel';
import { createClient, type Channel, type Client } from '../../src/protocol/rpc';
import type { AppState } from './appState';
import type { Ranking } from './shown/ranking';
import type { Direction } from '../../src/measure/reading';

interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): VsCodeApi;

/** What VS Code keeps for a panel over a window reload and hands to the serializer. No text, no weights. */
export interface SavedState {
  readonly version: 1;
  readonly explanation: string | null;
  readonly view: ViewState;
  /** Only a locked token is worth coming back to. */
  readonly focus: TokenFocus | null;
  /** Left out since it is part of the view; what earlier versions saved has it here. */
  readonly direction?: Direction;
  readonly detail: AppState['detail'];
  /** Left out in what earlier versions saved. */
  readonly ranking?: Ranking;
  /** The host's own: how to compute the explanation again. Kept as it came. */
  readonly recipe: unknown;
}

export interface Host {
  readonly client: Client<PanelApi, PanelEvents>;
  load(): Partial<SavedState>;
  save(state: SavedState): void;
}

/** Connects to the host; may be called once in a page, as VS Code gives its API once. */
export function connect(): Host {
  const vscode = acquireVsCodeApi();
  const channel: Channel = {
    post: (message) => vscode.postMessage(message),
    listen: (listener) => {
      const receive = (event: MessageEvent): void => listener(event.data);
      window.addEventListener('message', receive);
      return () => window.removeEventListener('message', receive);
    },
  };
  const client = createClient<PanelApi, PanelEvents>(channel, arrivalsOf(PANEL_ANSWERS, PANEL_EVENTS));
  return {
    client,
    load: () => {
      const saved = vscode.getState();
      return isObject(saved) && saved['version'] === 1 ? saved : {};
    },
    save: (state) => vscode.setState(state),
  };
}
