import * as vscode from 'vscode';
import type { ExplanationSnapshot } from '../../protocol/panel';
import type { Session } from '../../session/session';
import { EditorAnnotations } from '../editor/annotations';
import { EditorText } from '../editor/editorText';
import { AttentionHover } from '../editor/hoverCard';
import { PanelHost } from '../webviews/panelHost';
import { PanelService } from '../webviews/panelService';
import { ExplanationController } from './explanationController';
import type { HeadMeasurements } from './headMeasurements';
import { Pin } from './pin';
import { SharedView } from './sharedView';
import { ShownAlignment } from './shownAlignment';
import { ShownWhole } from './shownWhole';
import { say } from '../../text/say';

/** A panel with all that belongs to it: its explanation, what the user looks at there, its colours in the editor. */
export interface PanelPlace {
  readonly controller: ExplanationController;
  readonly view: SharedView;
  readonly text: EditorText;
  readonly service: PanelService;
  readonly panel: PanelHost;
  readonly alignment: ShownAlignment;
  /** What is kept beside its explanation. */
  readonly pin: Pin;
  dispose(): void;
}

/**
 * The panels of the window: one to begin with, more where the user wants explanations beside each other. Commands and
 * the generation view mean the one that was used last.
 */
export class Places implements vscode.Disposable {
  readonly #extensionUri: vscode.Uri;
  readonly #session: Session;
  readonly #heads: HeadMeasurements;
  readonly #activeChanged = new vscode.EventEmitter<PanelPlace>();
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #places = new Map<string, PanelPlace>();
  #active: PanelPlace;
  #made = 0;
  #inLesson = false;

  /** Another panel is the one that commands mean. */
  readonly onDidChangeActive = this.#activeChanged.event;
  /** A panel was closed, or shows something else. */
  readonly onDidChange = this.#changed.event;

  constructor(extensionUri: vscode.Uri, session: Session, heads: HeadMeasurements) {
    this.#extensionUri = extensionUri;
    this.#session = session;
    this.#heads = heads;
    this.#active = this.#create();
  }

  get active(): PanelPlace {
    return this.#active;
  }

  get all(): readonly PanelPlace[] {
    return [...this.#places.values()];
  }

  get anyOpen(): boolean {
    return this.all.some(({ panel }) => panel.isOpen);
  }

  /** A panel beside those that are open, which is the active one from now on; the only one there is where it is empty. */
  beside(): PanelPlace {
    const [last] = this.all.flatMap(({ panel }) => panel.column ?? []).sort((one, other) => other - one);
    const place = this.#free() ?? this.#create();
    const column = last === undefined ? vscode.ViewColumn.Beside : columnAfter(last);
    this.#activate(place);
    place.panel.show(true, column);
    return place;
  }

  /** Takes a panel that VS Code restored. */
  adopt(panel: vscode.WebviewPanel): PanelPlace {
    const place = this.#free() ?? this.#create();
    place.panel.adopt(panel);
    return place;
  }

  /** The session says what a panel shows. */
  fire(place: string, snapshot: ExplanationSnapshot | null): void {
    this.#places.get(place)?.controller.fire(snapshot);
    this.all.find(({ pin }) => pin.place === place)?.pin.fire(snapshot);
    this.#changed.fire();
  }

  dispose(): void {
    for (const place of this.#places.values()) place.dispose();
    this.#activeChanged.dispose();
    this.#changed.dispose();
  }

  /** A place that has no panel and shows nothing. */
  #free(): PanelPlace | undefined {
    return this.all.find(({ panel, controller }) => !panel.isOpen && controller.snapshot === null);
  }

  #activate(place: PanelPlace): void {
    if (place === this.#active) return;
    this.#active = place;
    this.#tellLesson();
    this.#activeChanged.fire(place);
  }

  /** What commands and the walkthrough ask of VS Code: whether the lesson is on show. */
  #tellLesson(): void {
    const isOpen = (this.#active.view.view.lesson ?? null) !== null;
    if (isOpen === this.#inLesson) return;
    this.#inLesson = isOpen;
    void vscode.commands.executeCommand('setContext', 'explainAttention.inLesson', isOpen);
  }

  #create(): PanelPlace {
    const number = ++this.#made;
    const name = `panel-${number}`;
    this.#session.open(name);
    const controller = new ExplanationController(this.#session, name);
    const view = new SharedView();
    const text = new EditorText(controller);
    const pin = new Pin(this.#session, name);
    const service = new PanelService({ session: this.#session, controller, view, text, heads: this.#heads, pin });
    const alignment = new ShownAlignment(controller, view, this.#heads);
    const title = number === 1 ? say('host.panel') : say('host.panelNumbered', { number });
    const panel = new PanelHost(this.#extensionUri, service, title);
    const whole = new ShownWhole(this.#session, controller, view, panel);
    const parts: readonly { dispose(): unknown }[] = [
      panel,
      service,
      new EditorAnnotations({ controller, view, text, alignment, whole }),
      whole,
      vscode.languages.registerHoverProvider([{ scheme: '*' }], new AttentionHover(controller, view, text)),
      controller.onDidChange((snapshot) => {
        if (snapshot?.model) view.fit(snapshot.model);
      }),
      panel.onDidActivate(() => this.#activate(place)),
      panel.onDidClose(() => this.#closed(name, place)),
      view.onDidChangeView(() => this.#tellLesson()),
      text,
      view,
      pin,
      controller,
    ];
    const place: PanelPlace = {
      controller,
      view,
      text,
      service,
      panel,
      alignment,
      pin,
      dispose: () => {
        for (const part of parts) part.dispose();
      },
    };
    this.#places.set(name, place);
    return place;
  }

  /** A closed panel is gone with what it showed while others are open; the last one comes back by its command. */
  #closed(name: string, place: PanelPlace): void {
    const other = this.all.find((one) => one !== place && one.panel.isOpen);
    if (other && this.#places.get(name) === place) {
      this.#places.delete(name);
      if (this.#active === place) this.#activate(other);
      void place.pin.close();
      place.dispose();
      void this.#session.close(name);
    }
    this.#changed.fire();
  }
}

/** The columns by number: VS Code has nine. */
const COLUMNS: readonly vscode.ViewColumn[] = [
  vscode.ViewColumn.One,
  vscode.ViewColumn.Two,
  vscode.ViewColumn.Three,
  vscode.ViewColumn.Four,
  vscode.ViewColumn.Five,
  vscode.ViewColumn.Six,
  vscode.ViewColumn.Seven,
  vscode.ViewColumn.Eight,
  vscode.ViewColumn.Nine,
];

/** The next column to the right; beyond the last VS Code chooses itself. */
function columnAfter(column: vscode.ViewColumn): vscode.ViewColumn {
  return COLUMNS[COLUMNS.indexOf(column) + 1] ?? vscode.ViewColumn.Beside;
}
