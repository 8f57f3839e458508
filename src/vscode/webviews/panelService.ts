import * as vscode from 'vscode';
import { ExplainError } from '../../errors';
import { PANEL_CHECKS } from '../../protocol/checks';
import type { PanelApi, PanelEvents, PanelState } from '../../protocol/panel';
import { serve, type Server } from '../../protocol/rpc';
import type { EditorText } from '../editor/editorText';
import type { ExplanationController } from '../run/explanation';
import type { SharedView } from '../run/view';
import { webviewChannel } from './webviewChannel';

const COMMANDS = {
  chooseModel: 'explainAttention.chooseModel',
  showLog: 'explainAttention.showLog',
  openSettings: 'explainAttention.openSettings',
  showGeneration: 'explainAttention.showGeneration',
  explain: 'explainAttention.explain',
} as const;

/** Serves PanelApi to the panel and to the generation view alike. */
export class PanelService {
  readonly #controller: ExplanationController;
  readonly #view: SharedView;
  readonly #text: EditorText;

  /** What a panel that is being restored has still to come back to: its page keeps this in place of the recipe. */
  unrestored: object | null = null;

  constructor(controller: ExplanationController, view: SharedView, text: EditorText) {
    this.#controller = controller;
    this.#view = view;
    this.#text = text;
  }

  /** Joins a webview: answers its requests and sends it every change until disposed. */
  attach(webview: vscode.Webview): vscode.Disposable {
    const server: Server<PanelEvents> = serve<PanelApi, PanelEvents>(
      webviewChannel(webview),
      this.#api(),
      PANEL_CHECKS,
    );
    const subscriptions = [
      this.#controller.onDidChange((snapshot) => server.emit('explanation', snapshot)),
      this.#view.onDidChangeView((view) => server.emit('view', view)),
      this.#view.onDidChangeFocus((focus) => server.emit('focus', focus)),
    ];
    return new vscode.Disposable(() => {
      for (const subscription of subscriptions) subscription.dispose();
      server.dispose();
    });
  }

  #state(): PanelState {
    return {
      explanation: this.#controller.snapshot,
      view: this.#view.view,
      focus: this.#view.focus,
      recipe: this.unrestored ?? this.#controller.recipe,
    };
  }

  #api(): PanelApi {
    const controller = this.#controller;
    return {
      state: () => Promise.resolve(this.#state()),
      head: (request, signal) => later(() => controller.engineFor(request.explanation).head(request, signal)),
      tokenWeights: (request, signal) =>
        later(() => controller.engineFor(request.explanation).tokenWeights(request, signal)),
      atlas: (request, signal) => later(() => controller.engineFor(request.explanation).atlas(request, signal)),
      setView: (view) => later(() => this.#view.setView(view)),
      setFocus: ({ focus }) => later(() => this.#view.setFocus(focus)),
      generation: ({ action }) => (action === 'stop' ? controller.stop() : controller.generate(action)),
      branch: ({ step, token }) => controller.branch(step, token),
      force: ({ text }) => controller.force(text),
      mask: ({ indices }) => controller.mask(indices),
      setChat: ({ chat }) => this.#otherTokens(() => controller.setChat(chat)),
      setSpecialsAsText: ({ asText }) => this.#otherTokens(() => controller.setSpecialsAsText(asText)),
      chooseWindow: ({ start }) => this.#otherTokens(() => controller.chooseWindow(start)),
      cancel: () => controller.stop(),
      retry: () => this.#retry(),
      reveal: ({ sequence, index }) => this.#text.reveal(sequence, index),
      copy: async ({ text }) => vscode.env.clipboard.writeText(text),
      command: async ({ name }) => {
        await vscode.commands.executeCommand(COMMANDS[name]);
      },
    };
  }

  /** Runs what shows other tokens: a focus on one of those before would be on another one after. */
  #otherTokens(run: () => Promise<void>): Promise<void> {
    this.#view.setFocus(null);
    return run();
  }

  /** After an edit the text at the same place is explained, as it is now. */
  async #retry(): Promise<void> {
    if (!this.#controller.snapshot)
      throw new ExplainError('EXPLANATION_GONE', 'Select a text, right-click, Explain Attention.');
    if (this.#controller.snapshot.stale) await vscode.commands.executeCommand(COMMANDS.explain);
    else await this.#controller.retry();
  }
}

/** Turns what a function throws into a rejection. */
async function later<T>(run: () => T | Promise<T>): Promise<T> {
  return run();
}
