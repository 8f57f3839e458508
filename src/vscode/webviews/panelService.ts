import * as vscode from 'vscode';
import { PANEL_CHECKS } from '../../protocol/checks';
import type {
  ExplanationSnapshot,
  PanelApi,
  PanelEvents,
  PanelRequests,
  PanelState,
  PinnedExplanation,
  TokenFocus,
} from '../../protocol/panel';
import { serve, type Server } from '../../protocol/rpc';
import { newsOf } from '../../protocol/snapshotChange';
import type { TextCosts } from '../../session/costs/keptCosts';
import type { Session } from '../../session/session';
import type { EditorText } from '../editor/editorText';
import type { ExplanationController } from '../run/explanationController';
import type { HeadMeasurements } from '../run/headMeasurements';
import type { Pin } from '../run/pin';
import type { SharedView } from '../run/sharedView';
import { webviewChannel } from './webviewChannel';

interface Parts {
  readonly session: Session;
  readonly controller: ExplanationController;
  readonly view: SharedView;
  readonly text: EditorText;
  readonly heads: HeadMeasurements;
  readonly pin: Pin;
}

/** Serves PanelApi to a panel, and to the generation view while it follows that panel. */
export class PanelService implements vscode.Disposable {
  readonly #session: Session;
  readonly #controller: ExplanationController;
  readonly #view: SharedView;
  readonly #text: EditorText;
  readonly #heads: HeadMeasurements;
  readonly #pin: Pin;
  readonly #kept = new vscode.EventEmitter<void>();
  #unrestored: object | null = null;

  constructor({ session, controller, view, text, heads, pin }: Parts) {
    this.#session = session;
    this.#controller = controller;
    this.#view = view;
    this.#text = text;
    this.#heads = heads;
    this.#pin = pin;
  }

  /** What a panel that is being restored has still to come back to: its page keeps this in place of the recipe. */
  set unrestored(kept: object | null) {
    this.#unrestored = kept;
    this.#kept.fire();
  }

  /**
   * Joins a webview: answers its requests and sends it every change until disposed.
   * @param begin `pulled`: its page asks for the whole when it is there. `told`: the page is there already and showed
   *   another panel's explanation, so the whole is sent.
   */
  attach(webview: vscode.Webview, begin: 'pulled' | 'told' = 'pulled'): vscode.Disposable {
    const session = this.#session;
    /** What the page knows, as far as can be known: messages to a hidden page are lost, and it then asks. */
    let told: ExplanationSnapshot | null = null;
    let kept: string | undefined;
    let toldPin = '';
    let toldCosts: TextCosts | null = null;
    const whole = (): PanelState => {
      const state = this.#state();
      told = state.explanation;
      kept = JSON.stringify(state.recipe);
      toldPin = pinKey(state.pinned);
      toldCosts = { heads: state.costs, pieces: state.leftOut };
      return state;
    };
    const server: Server<PanelEvents> = serve<PanelApi, PanelEvents>(
      webviewChannel(webview),
      this.#api(whole, () => server.emit('view', this.#view.view)),
      PANEL_CHECKS,
    );
    const tellRecipe = (): void => {
      const { recipe } = this.#state();
      const text = JSON.stringify(recipe);
      if (text !== kept) server.emit('recipe', recipe);
      kept = text;
    };
    const tellPinned = (): void => {
      const { pinned } = this.#pin;
      const key = pinKey(pinned);
      if (key !== toldPin) server.emit('pinned', pinned);
      toldPin = key;
    };
    /** A page hears of what it has measured as it comes; of all else (what comes back with its text, or is forgotten) when it is at rest. */
    const tellCosts = (): void => {
      if (session.isMeasuring(this.#controller.place)) return;
      const { heads, pieces } = this.#costs();
      const isOther = heads !== toldCosts?.heads || pieces !== toldCosts.pieces;
      toldCosts = { heads, pieces };
      if (isOther) server.emit('measured', { costs: heads, leftOut: pieces });
    };
    let scored: string | undefined;
    /** Told when it is of another model, or measured anew. */
    const tellScores = (isNew: boolean): void => {
      const model = this.#controller.snapshot?.model;
      if (!isNew && model?.fingerprint === scored) return;
      scored = model?.fingerprint;
      server.emit('scores', this.#heads.of(model));
    };
    /** News of what is computed for the text, where that is on show here: of another panel's this page is not told. */
    const tellOwn =
      <Name extends 'measuring' | 'leftOut' | 'costs'>(name: Name) =>
      (news: PanelEvents[Name] & { readonly explanation: string }): void => {
        if (news.explanation === this.#controller.snapshot?.id) server.emit(name, news);
      };
    const subscriptions = [
      this.#controller.onDidChange((snapshot) => {
        const before = told;
        const isOther = snapshot?.id !== before?.id;
        // Before it: what was on show and pinned is only pinned from now on.
        tellPinned();
        server.emit('explanation', newsOf(before, snapshot));
        told = snapshot;
        tellScores(false);
        tellCosts();
        // A token that is locked before it is there (after a reload) can be shown from now on.
        const { focus } = this.#view;
        if (snapshot && focus && hasTokensOf(snapshot, focus) && (isOther || !hasTokensOf(before, focus)))
          server.emit('focus', { explanation: snapshot.id, focus: { ...focus, from: 'host' } });
        // While tokens stream in it would be told with each of them; where it comes to rest is what is worth keeping.
        if (isOther || snapshot?.status !== 'generating') tellRecipe();
      }),
      this.#view.onDidChangeView((view) => server.emit('view', view)),
      this.#view.onDidChangeFocus((focus) => {
        const explanation = this.#controller.snapshot?.id;
        if (explanation !== undefined) server.emit('focus', { explanation, focus });
      }),
      this.#session.onMeasuring(tellOwn('measuring')),
      this.#session.onLeftOut(tellOwn('leftOut')),
      this.#session.onCosts(tellOwn('costs')),
      session.onDidChangeCosts((place) => {
        if (place !== this.#controller.place) return;
        tellCosts();
        if (!session.isMeasuring(place)) tellRecipe();
      }),
      this.#kept.event(tellRecipe),
      this.#pin.onDidChange(() => {
        tellPinned();
        tellRecipe();
      }),
      this.#heads.onDidChange(() => tellScores(true)),
    ];
    if (begin === 'told') {
      const { explanation, view, focus, recipe, pinned, costs, leftOut } = whole();
      server.emit('explanation', { type: 'whole', snapshot: explanation });
      server.emit('view', view);
      if (explanation) server.emit('focus', { explanation: explanation.id, focus });
      server.emit('recipe', recipe);
      server.emit('pinned', pinned);
      server.emit('measured', { costs, leftOut });
      tellScores(true);
    }
    return new vscode.Disposable(() => {
      for (const subscription of subscriptions) subscription.dispose();
      server.dispose();
    });
  }

  dispose(): void {
    this.#kept.dispose();
  }

  #costs(): TextCosts {
    return this.#session.costs(this.#controller.place);
  }

  #state(): PanelState {
    const { heads, pieces } = this.#costs();
    return {
      explanation: this.#controller.snapshot,
      view: this.#view.view,
      focus: this.#view.focus,
      recipe: this.#unrestored ?? this.#recipe(),
      scores: this.#heads.of(this.#controller.snapshot?.model),
      pinned: this.#pin.pinned,
      costs: heads,
      leftOut: pieces,
    };
  }

  #recipe(): object | null {
    const { recipe } = this.#controller;
    const pinned = this.#pin.recipe;
    return recipe && pinned ? { ...recipe, pinned } : recipe;
  }

  /** True where the page asks about what this panel shows; the log has a word where it does not any more. */
  #isShown(explanation: string, request: keyof PanelApi): boolean {
    return this.#session.isShown(this.#controller.place, explanation, request);
  }

  #api(whole: () => PanelState, tellView: () => void): PanelApi {
    const session = this.#session;
    const controller = this.#controller;
    return {
      state: () => later(whole),
      head: (request, signal) => later(() => controller.engineFor(request.explanation).head(request, signal)),
      tokenWeights: (request, signal) =>
        later(() => controller.engineFor(request.explanation).tokenWeights(request, signal)),
      atlas: (request, signal) => later(() => controller.engineFor(request.explanation).atlas(request, signal)),
      measure: (request, signal) => later(() => controller.engineFor(request.explanation).measure(request, signal)),
      roles: (request, signal) => later(() => controller.engineFor(request.explanation).roles(request, signal)),
      lesson: (request, signal) => later(() => controller.engineFor(request.explanation).lesson(request, signal)),
      alignment: (request, signal) => later(() => controller.engineFor(request.explanation).alignment(request, signal)),
      headsOff: (request, signal) => later(() => controller.engineFor(request.explanation).headsOff(request, signal)),
      headCosts: (request, signal) => later(() => controller.engineFor(request.explanation).headCosts(request, signal)),
      leaveOut: (request, signal) => later(() => controller.engineFor(request.explanation).leaveOut(request, signal)),
      forgetLeftOut: ({ explanation }) => later(() => session.forgetLeftOut(explanation)),
      inputWithout: (request, signal) =>
        later(() => controller.engineFor(request.explanation).inputWithout(request, signal)),
      lens: (request, signal) => later(() => controller.engineFor(request.explanation).lens(request, signal)),
      attribution: (request, signal) =>
        later(() => controller.engineFor(request.explanation).attribution(request, signal)),
      setView: ({ explanation, view }) =>
        later(() => {
          if (this.#isShown(explanation, 'setView')) this.#view.setView(view);
          // The page shows the view that it asked for; it is to show the one that is.
          else tellView();
        }),
      setFocus: ({ explanation, focus }) =>
        later(() => {
          if (this.#isShown(explanation, 'setFocus')) this.#view.setFocus(focus);
        }),
      generation: ({ explanation, action }) =>
        action === 'stop' ? session.stop(explanation) : session.generate(explanation, action),
      branch: ({ explanation, step, token }) => session.branch(explanation, step, token),
      force: ({ explanation, text }) => session.force(explanation, text),
      mask: ({ explanation, indices }) => session.mask(explanation, indices),
      setChat: ({ explanation, chat }) =>
        this.#otherTokens(explanation, 'setChat', () => session.setChat(explanation, chat)),
      setDecoding: ({ explanation, decoding }) => session.setDecoding(explanation, decoding),
      openBeam: ({ explanation, token }) => session.openBeam(explanation, token),
      setSpecialsAsText: ({ explanation, asText }) =>
        this.#otherTokens(explanation, 'setSpecialsAsText', () => session.setSpecialsAsText(explanation, asText)),
      setPair: ({ explanation, order }) =>
        this.#otherTokens(explanation, 'setPair', () => session.setPair(explanation, order)),
      chooseWindow: ({ explanation, start }) =>
        this.#otherTokens(explanation, 'chooseWindow', () => session.chooseWindow(explanation, start)),
      pin: async ({ explanation, map }) => {
        if (this.#isShown(explanation, 'pin')) await this.#pin.pin(explanation, map);
      },
      unpin: ({ explanation }) => this.#pin.unpin(explanation),
      intervene: (request) => this.#intervene(request),
      cancel: ({ explanation }) => session.stop(explanation),
      retry: ({ explanation }) => this.#retry(explanation),
      reveal: async ({ explanation, sequence, index }) => {
        if (this.#isShown(explanation, 'reveal')) await this.#text.reveal(sequence, index);
      },
      copy: async ({ text }) => vscode.env.clipboard.writeText(text),
      command: async ({ name }) => {
        await vscode.commands.executeCommand(`explainAttention.${name}`);
      },
    };
  }

  /** Pins the text as it stands and reads it anew beside that, without some of it; or goes back to it. */
  async #intervene({ explanation, intervention, map }: PanelRequests['intervene']): Promise<void> {
    const { place } = this.#controller;
    const isKept = (): boolean => this.#session.isPlainOf(this.#pin.place, place);
    await this.#otherTokens(explanation, 'intervene', async () => {
      if (!intervention && isKept()) {
        await this.#session.showKept(place, this.#pin.place);
        await this.#pin.close();
        return;
      }
      const read = async (): Promise<boolean> => {
        await this.#session.intervene(explanation, intervention);
        return this.#controller.snapshot?.id !== explanation;
      };
      const isPlain = this.#controller.snapshot?.intervention === null;
      if (intervention && isPlain) await this.#pin.pinFor(explanation, map, read);
      else await read();
    });
  }

  /** Runs what shows other tokens: a focus on one of those before would be on another one after. */
  async #otherTokens(explanation: string, request: keyof PanelApi, run: () => Promise<void>): Promise<void> {
    if (!this.#isShown(explanation, request)) return;
    this.#view.setFocus(null);
    await run();
  }

  /** After an edit the text at the same place is explained, as it is now; else the same text again. */
  async #retry(explanation: string): Promise<void> {
    const { snapshot, place } = this.#controller;
    const model = this.#session.explanations.get(explanation)?.subject?.model;
    if (snapshot?.id !== explanation || !snapshot.stale || !model) {
      await this.#session.retry(explanation);
      return;
    }
    const explained = await this.#text.current();
    if (!this.#isShown(explanation, 'retry')) return;
    this.#view.setFocus(null);
    await this.#session.explain(place, { explained, model });
  }
}

function hasTokensOf(snapshot: ExplanationSnapshot | null, { sequence, indices }: TokenFocus): boolean {
  return snapshot?.early === false && indices.every((index) => index < snapshot[sequence].length);
}

/** Changes where a page is to be told of what is pinned: not with each token of one that is being read again. */
function pinKey(pinned: PinnedExplanation | null): string {
  if (!pinned) return '';
  const { id, map, snapshot } = pinned;
  const isAtRest = snapshot?.status === 'done' || snapshot?.status === 'paused' || snapshot?.status === 'failed';
  return JSON.stringify([id, map, isAtRest ? snapshot.revision : (snapshot?.status ?? 'shown')]);
}

/** Turns what a function throws into a rejection. */
async function later<T>(run: () => T | Promise<T>): Promise<T> {
  return run();
}
