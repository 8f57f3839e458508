/** A loaded model: tapped, in sessions, tested, ready to explain. */
import { ExplainError } from '../../errors';
import { statedLength } from '../../config/generationConfig';
import { isGraphFile } from '../../config/graphNames';
import type { LoadRequest, ModelReport, ProviderReport } from '../../protocol/engine';
import type { PassedTrial } from '../../protocol/passedTrial';
import { mark } from '../../protocol/marks';
import { untilAborted } from '../../protocol/untilAborted';
import { say } from '../../text/say';
import type { TextTokenizer } from '../../tokenizer/index';
import type { Decoder } from '../../transformer/decoder';
import type { Encoder } from '../../transformer/encoder';
import type { TensorSession } from '../../transformer/tensorSession';
import type { ModelSpec } from '../../transformer/spec';
import { GatedReader } from '../ablation/gatedReader';
import { alignmentHeads } from './alignmentHeads';
import { ArrivingFiles } from '../files/arrivingFiles';
import { assemble, type ModelParts } from './assemble';
import { decodingDefaults } from './decodingDefaults';
import { earlyTokens, type EarlyTokens } from '../text/earlyTokens';
import { fingerprintOf } from './fingerprint';
import { kindsInRun } from './kinds';
import { languageTokens } from './languageTokens';
import { loadLater, loadScanned, scanGraph, type LoadedGraph } from './loadedGraph';
import { withBytes } from '../files/modelFiles';
import { graphNote, modelNotes } from './modelNotes';
import { fitsGraphs, trialRecord, type TrialRecord } from '../trial/keptTrial';
import { ProbeSessions } from '../probes/probeSessions';
import { findTextPlaces, namedIds, readModelSettings, readTokenizer, refuseOtherSenses } from '../files/modelSettings';
import { readsPairs, taskHeadOf, type TaskHead } from '../task/taskHead';
import { TextLimits } from './textLimits';
import { sampleOf, testModel } from '../trial/trial';

export interface LoadedModel {
  readonly report: ModelReport;
  readonly version: string;
  /** Size of its graphs and their external data, as often as sessions hold them. */
  readonly bytes: number;
  readonly spec: ModelSpec;
  readonly tokenizer: TextTokenizer;
  readonly encoder: Encoder | undefined;
  readonly decoder: Decoder | undefined;
  /** Of a model that answers something about a text. */
  readonly head: TaskHead | null;
  readonly limits: TextLimits;
  /** Most tokens of what is read of a longer text, and of one that is read whole; see `TextLimits`. */
  readonly promptLimit: number;
  readonly wholeLimit: number;
  /** Texts of more tokens are read a sentence at a time; Infinity where the model takes any. */
  readonly sentencesBeyond: number;
  /** Sessions with probes in them; none before something is asked for. */
  readonly probes: ProbeSessions;
  /** Reads and writes with heads off; not before that was asked for. */
  readonly gated: GatedReader;
  /** A few tokens to test sessions with. */
  readonly sample: readonly number[];
  readonly disposed: boolean;
  dispose(): Promise<void>;
}

export type OnProgress = (phase: string, fraction: number) => void;

/** What a model's start can wait for and tell on its way. */
export interface LoadOptions {
  /** The files, where some of them are still on their way; those of the request if left out. */
  readonly files?: ArrivingFiles;
  /** Resolves when the runtime is there: sessions are made from then on. */
  readonly runtime?: Promise<unknown>;
  /** Told the tokens of the request's text, as soon as there is a tokenizer. */
  readonly onTokens?: (tokens: EarlyTokens) => void;
  /** Told of a passed self-test, where the request asks for it to be kept. */
  readonly onTested?: (passed: PassedTrial) => void;
  /** Waited for before a file that can wait is made a session of. */
  readonly quiet?: () => Promise<void>;
}

/**
 * What the self-test found out: from the run over a few tokens, or from the one that was kept.
 * @throws ExplainError SELFTEST_FAILED and what else `testModel` throws; NO_ATTENTION_FOUND
 */
async function tested(
  parts: ModelParts,
  { key, kept: before }: TrialRecord,
  sample: readonly number[],
  onTested: LoadOptions['onTested'],
): Promise<Omit<PassedTrial, 'key'>> {
  const kept = before && fitsGraphs(before, parts.graphs) ? before : undefined;
  if (kept) return { ...kept, notes: [...kept.notes, say('engine.noteTestedBefore')] };
  const { weights, fillsMasks, notes } = await testModel(parts, sample);
  const kinds = kindsInRun(
    weights,
    parts.graphs.flatMap((graph) => graph.taps),
    parts.family,
  );
  if (kinds.length === 0) throw new ExplainError('NO_ATTENTION_FOUND', say('engine.noAttention'));
  if (key !== undefined) onTested?.({ key, kinds, fillsMasks, notes });
  return { kinds, fillsMasks, notes };
}

/**
 * Scans, taps, loads and tests a model.
 * @throws ExplainError with the code of what failed; nothing stays loaded then
 */
export async function loadModel(
  request: LoadRequest,
  provider: ProviderReport,
  progress: OnProgress,
  signal: AbortSignal,
  {
    files = new ArrivingFiles(request),
    runtime,
    onTokens,
    onTested,
    quiet = () => Promise.resolve(),
  }: LoadOptions = {},
): Promise<LoadedModel> {
  let recorded: Promise<TrialRecord> | undefined;
  const record = async (): Promise<TrialRecord> => {
    // What it is true of is all files; nobody waits for them where none is asked for.
    if (request.trial) await files.have(files.paths, signal);
    return (recorded ??= trialRecord(request.trial, files.here, provider));
  };
  progress(say('engine.readingModel'), -1);
  // Everything that is not a graph is waited for first: it is small, or external data, and which graph needs that is not known yet.
  await files.have(
    files.paths.filter((path) => !isGraphFile(path)),
    signal,
  );
  const settings = readModelSettings(files.here);
  const { config, generation, tokenizerConfig } = settings;
  const places = findTextPlaces(files.paths, config);
  // Graphs that are here already say what the model reads: one that reads no text is refused before its other files are missed.
  refuseOtherSenses(config, withBytes(places, files.here));
  const tokenizer = readTokenizer(files.here);
  mark('tokenizer');
  const { text } = request;
  if (text && onTokens) {
    try {
      const tokens = earlyTokens(request, text, tokenizer, settings, places);
      if (tokens) onTokens(tokens);
    } catch {
      // What is wrong with the text or the config is said where it is read in earnest.
    }
  }
  // Only the sessions are kept: a graph also holds its file's bytes, which the runtime has copied.
  const sessions: TensorSession[] = [];
  let probes: ProbeSessions | undefined;
  const gated = new GatedReader(provider);
  let disposed = false;
  const dispose = async (): Promise<void> => {
    if (disposed) return;
    disposed = true;
    await probes?.dispose();
    await gated.dispose();
    for (const session of sessions) await session.dispose();
  };
  try {
    const graphs: LoadedGraph[] = [];
    for (const [index, place] of places.entries()) {
      signal.throwIfAborted();
      progress(say('engine.loadingModel'), index / places.length);
      await files.have([place.path], signal);
      const [file] = withBytes([place], files.here);
      if (!file) continue;
      mark(`here: ${file.path}`);
      refuseOtherSenses(config, withBytes(places, files.here));
      const scanned = scanGraph(file, files.here, config);
      mark(`scanned: ${file.path}`);
      await untilAborted(Promise.resolve(runtime), signal);
      // The first file reads the text. Those that write, where they are known to run, can wait until that is on show.
      const isLate = graphs.length > 0 && (await record()).kept !== undefined;
      const graph = isLate ? loadLater(scanned, provider, quiet) : await loadScanned(scanned, provider);
      graphs.push(graph);
      sessions.push(graph.session);
    }
    signal.throwIfAborted();
    // From here on the model runs, and what runs may be slow.
    progress(say('engine.testingModel'), -1);
    const sample = sampleOf(tokenizer);
    const parts = await assemble(graphs, config, generation, sample, namedIds(tokenizer, settings));
    const { family, spec, encoder, decoder } = parts;

    const notes = graphs.map((graph) => graphNote(graph, provider.provider));
    const { kinds, ...trial } = await tested(parts, await record(), sample, onTested);
    mark('tested');
    notes.push(...trial.notes);
    const limits = new TextLimits(spec, statedLength(tokenizerConfig), kinds, decoder);
    const head = trial.fillsMasks ? null : taskHeadOf(parts, settings);
    const pairs = head !== null && readsPairs(head, tokenizer);
    notes.push(...limits.notes, ...modelNotes(settings, parts, kinds, pairs));
    const bytes = files.weightBytes;
    const own = (probes = new ProbeSessions(spec, provider));
    return {
      report: {
        modelId: request.modelId,
        name: request.name,
        fingerprint: fingerprintOf(files.here),
        family,
        kinds,
        maxTokens: limits.maxTokens,
        maxNewTokens: limits.maxNewTokens,
        vocabularySize: spec.vocabularySize > 0 ? spec.vocabularySize : tokenizer.vocabularySize,
        headDimension: spec.headDimension,
        alignmentHeads: alignmentHeads(generation, kinds),
        fillsMasks: trial.fillsMasks && tokenizer.maskToken !== null,
        chatTemplate: family === 'decoder-only' && tokenizer.chatTemplate !== null,
        ...(head && { task: head.task }),
        ...(pairs && { pairs }),
        decoding: decodingDefaults(config, generation, limits.maxNewTokens),
        languages: family === 'encoder-decoder' ? languageTokens(tokenizer) : [],
        notes,
      },
      version: request.version,
      get bytes() {
        return bytes + own.bytes + gated.bytes;
      },
      probes: own,
      gated,
      sample,
      spec,
      tokenizer,
      encoder,
      decoder,
      head,
      limits,
      get promptLimit() {
        return limits.prompt;
      },
      get wholeLimit() {
        return limits.target;
      },
      sentencesBeyond: request.sentencesBeyond ?? Infinity,
      get disposed() {
        return disposed;
      },
      dispose,
    };
  } catch (thrown) {
    await dispose();
    throw thrown;
  }
}
