import * as vscode from 'vscode';
import type { Atlas, HeadMatrix, HeadRef, TokenWeights } from './attention/types';
import type { AtlasQuery, TokenQuery } from './protocol/engine';
import type { ExplanationSnapshot, TokenFocus, ViewState } from './protocol/panel';
import { EditorAnnotations } from './vscode/editor/annotations';
import { ChatChoices } from './vscode/run/chatChoices';
import { registerCommands } from './vscode/run/commands';
import { EditorText } from './vscode/editor/editorText';
import { EngineHost } from './vscode/run/engineHost';
import { ExplanationController } from './vscode/run/explanation';
import { GENERATION_VIEW, GenerationView } from './vscode/webviews/generationHost';
import { AttentionHover } from './vscode/editor/hoverCard';
import { IdleUnload } from './vscode/run/idleUnload';
import { createLog } from './vscode/log';
import { HubDownloads } from './vscode/models/hubDownloads';
import { ModelLibrary } from './vscode/models/modelLibrary';
import { PANEL_TYPE, PanelHost } from './vscode/webviews/panelHost';
import { PanelService } from './vscode/webviews/panelService';
import { PanelRestorer } from './vscode/run/restore';
import { SharedView } from './vscode/run/view';

/** What other extensions (and the tests) can read: the current explanation and its exact weights. */
export interface ExplainAttentionApi {
  snapshot(): ExplanationSnapshot | null;
  view(): ViewState;
  focus(): TokenFocus | null;
  head(request: { readonly explanation: string } & HeadRef): Promise<HeadMatrix>;
  tokenWeights(request: TokenQuery): Promise<readonly TokenWeights[]>;
  atlas(request: AtlasQuery): Promise<Atlas>;
}

/** Builds the parts and wires them. Nothing is loaded before the first explanation. */
export function activate(context: vscode.ExtensionContext): ExplainAttentionApi {
  const { extensionUri } = context;
  const log = createLog();
  const library = new ModelLibrary(context, log);
  const downloads = new HubDownloads(library, context.secrets);
  const engine = new EngineHost(extensionUri, library, log);
  const controller = new ExplanationController(engine, new ChatChoices(context.globalState), log);
  const view = new SharedView();
  const text = new EditorText(controller);
  const service = new PanelService(controller, view, text);
  const panel = new PanelHost(extensionUri, service);

  context.subscriptions.push(
    log,
    engine,
    controller,
    view,
    text,
    panel,
    new EditorAnnotations(controller, view, text),
    new IdleUnload(panel, engine, controller),
    controller.onDidChange((snapshot) => {
      if (snapshot?.model) view.fit(snapshot.model);
    }),
    vscode.languages.registerHoverProvider([{ scheme: '*' }], new AttentionHover(controller, view, text)),
    vscode.window.registerWebviewViewProvider(GENERATION_VIEW, new GenerationView(extensionUri, service)),
    vscode.window.registerWebviewPanelSerializer(
      PANEL_TYPE,
      new PanelRestorer(panel, service, controller, view, library),
    ),
    ...registerCommands({ controller, engine, panel, view, log, library, downloads }),
  );

  return {
    snapshot: () => controller.snapshot,
    view: () => view.view,
    focus: () => view.focus,
    head: (request) => controller.engineFor(request.explanation).head(request),
    tokenWeights: (request) => controller.engineFor(request.explanation).tokenWeights(request),
    atlas: (request) => controller.engineFor(request.explanation).atlas(request),
  };
}
