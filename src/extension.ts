import * as vscode from 'vscode';
import type { Atlas, HeadRef, MapMatrix, TokenWeights } from './attention/types';
import type { AtlasQuery, TokenQuery } from './protocol/engine';
import type { ExplanationSnapshot, TokenFocus, ViewState } from './protocol/panel';
import { API_CHECKS } from './protocol/checks';
import { mark } from './protocol/marks';
import type { ClockPort } from './session/ports';
import { KeptHeadScores } from './session/headScores';
import { Session } from './session/session';
import { ActiveEditor } from './vscode/editor/activeEditor';
import { createLog } from './vscode/log';
import { OwnFiles } from './vscode/ownFiles';
import { HubDownloads } from './vscode/models/hubDownloads';
import { ModelLibrary } from './vscode/models/modelLibrary';
import { ChatChoices } from './vscode/run/chatChoices';
import { registerCommands } from './vscode/run/commands';
import { EngineHost } from './vscode/run/engineHost';
import { HeadMeasurements } from './vscode/run/headMeasurements';
import { IdleUnload } from './vscode/run/idleUnload';
import { followLessonLinks } from './vscode/run/lessonLinks';
import { Places } from './vscode/run/places';
import { PanelRestorer } from './vscode/run/restore';
import { StartMemory } from './vscode/run/startMemory';
import { readSettings } from './vscode/settings';
import { GENERATION_VIEW, GenerationView } from './vscode/webviews/generationHost';
import { PANEL_TYPE } from './vscode/webviews/panelHost';

/** What other extensions (and the tests) can read: what is explained, and its exact weights. */
export interface ExplainAttentionApi {
  /** What the panel that was used last shows. */
  snapshot(): ExplanationSnapshot | null;
  /** What the panel that was used last keeps pinned. */
  pinned(): ExplanationSnapshot | null;
  /** What every panel shows. */
  snapshots(): readonly ExplanationSnapshot[];
  view(): ViewState;
  focus(): TokenFocus | null;
  head(request: { readonly explanation: string } & HeadRef): Promise<MapMatrix>;
  tokenWeights(request: TokenQuery): Promise<readonly TokenWeights[]>;
  atlas(request: AtlasQuery): Promise<Atlas>;
}

/** Builds the parts and wires them. Nothing is loaded before the first explanation. */
export function activate(context: vscode.ExtensionContext): ExplainAttentionApi {
  mark('activated');
  const { extensionUri } = context;
  const log = createLog();
  const own = new OwnFiles(extensionUri);
  const library = new ModelLibrary(context, own, log);
  const downloads = new HubDownloads(library, context.secrets);
  const engine = new EngineHost({
    own,
    models: library,
    memory: new StartMemory(context.globalState),
    version: versionOf(context),
    log,
  });
  const session = new Session(
    {
      engine,
      clock: systemClock,
      storage: {
        get: (key) => context.workspaceState.get<unknown>(key),
        set: (key, value) => context.workspaceState.update(key, value),
      },
      chats: new ChatChoices(context.globalState),
      log,
      maxNewTokens: () => readSettings().maxNewTokens,
      newId: () => crypto.randomUUID(),
    },
    (place, snapshot) => places.fire(place, snapshot),
  );
  const heads = new HeadMeasurements(
    session,
    new KeptHeadScores({
      get: (key) => context.globalState.get<unknown>(key),
      set: (key, value) => context.globalState.update(key, value),
    }),
  );
  const places: Places = new Places(extensionUri, session, heads);
  const editor = new ActiveEditor(PANEL_TYPE);

  context.subscriptions.push(
    log,
    engine,
    session,
    places,
    heads,
    editor,
    new IdleUnload(places, engine),
    vscode.window.registerWebviewViewProvider(GENERATION_VIEW, new GenerationView(extensionUri, places)),
    vscode.window.registerWebviewPanelSerializer(PANEL_TYPE, new PanelRestorer(places, session, library)),
    followLessonLinks(),
    ...registerCommands({
      session,
      places,
      editor,
      engine,
      log,
      library,
      downloads,
      heads,
      extension: context.extension.id,
    }),
  );

  return {
    snapshot: () => places.active.controller.snapshot,
    pinned: () => session.snapshot(places.active.pin.place),
    snapshots: () => places.all.flatMap(({ controller }) => controller.snapshot ?? []),
    view: () => places.active.view.view,
    focus: () => places.active.view.focus,
    // Other extensions may send anything, and what is wrong with it is a rejection, never thrown: these promise a Promise.
    head: async (request) => {
      API_CHECKS.head(request);
      return session.weightsOf(request.explanation).head(request);
    },
    tokenWeights: async (request) => {
      API_CHECKS.tokenWeights(request);
      return session.weightsOf(request.explanation).tokenWeights(request);
    },
    atlas: async (request) => {
      API_CHECKS.atlas(request);
      return session.weightsOf(request.explanation).atlas(request);
    },
  };
}

/** The extension's version; '' where package.json says none, as in no build that is installed. */
function versionOf({ extension }: vscode.ExtensionContext): string {
  const { version } = extension.packageJSON as { readonly version?: unknown };
  return typeof version === 'string' ? version : '';
}

const systemClock: ClockPort = {
  now: () => performance.now(),
  after: (milliseconds, run) => {
    const timer = setTimeout(run, milliseconds);
    return () => clearTimeout(timer);
  },
};
