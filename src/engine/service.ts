/** The engine's service: what the extension host may ask, in the worker. */
import type { Content } from '../attention/content';
import { isProbed, type AttentionKind, type ProbedMeasure } from '../attention/types';
import { ExplainError, isAbort, toExplainError } from '../errors';
import type {
  BeamReport,
  EngineApi,
  EngineEvents,
  ExplainRequest,
  HeadCosts,
  LeftOutCosts,
  LoadRequest,
  ModelKey,
  ProviderReport,
  RuntimeBuild,
  TextProbeAnswer,
  TextProbeRequest,
} from '../protocol/engine';
import { say } from '../text/say';
import { mark, takeMarks } from '../protocol/marks';
import { oneAtATime } from './alone';
import { ArrivingFiles } from './files/arrivingFiles';
import { withoutTheirValues } from './ablation/boundGates';
import { GATED } from './ablation/gatedRuns';
import { headCosts } from './ablation/headCosts';
import { headsOff } from './ablation/headsOff';
import { inputWithout } from './ablation/inputWithout';
import { rankPieces } from './ablation/rankPieces';
import { ATTRIBUTED, textAttribution } from './attribution/textAttribution';
import { LENS, textLens } from './lens/textLens';
import { ComputedExplanation } from './text/computedExplanation';
import { KeptExplanations } from './keptExplanations';
import { lessonSet, lessonText } from './probes/lessonText';
import { ALIGNED_PAIRS } from './headProbe/alignedPairs';
import { measureHeads } from './headProbe/measureHeads';
import { PROBE_SENTENCES, SENTENCES_WITH_NAMES } from './headProbe/probeSentences';
import { inSlices } from './macrotask';
import { Quiet } from './quiet';
import { loadModel, type LoadedModel, type LoadOptions } from './model/loadedModel';
import { atlasOf, mapOf, tokenWeightsOf, type HeldWeights } from './weights/maps';
import { probesFor } from './measures/makeMeasure';
import { ModelShelf } from './model/modelShelf';
import { probeText, setOf } from './probes/probedText';
import type { ProbeSet } from './probes/probeSessions';
import { TextSessions } from './probes/textSessions';
import { sequencesIn } from './text/sequenceIds';
import { findProvider, onWasm } from './runtime/provider';
import { rolesOfText } from './weights/headRoles';
import { onMaking } from './runtime/ortSession';
import { compileRuntime, onDeviceLost, startRuntime, type CompiledRuntime } from './runtime/runtime';
import { boundedReport } from './boundedReport';
import { everyMoment } from './everyMoment';
import { alignText } from './weights/textAlignment';
import { withoutText } from './withoutText';

export type Emit = <K extends keyof EngineEvents>(event: K, value: EngineEvents[K]) => void;

/** An editor never sends more; the worker checks as well. */
const MAX_TEXT = 1_000_000;

function refuseLong(text: string): void {
  if (text.length > MAX_TEXT) throw new ExplainError('SELECTION_TOO_LARGE', say('engine.textTooLong'));
}

/** How often the engine gives a sign of life while a model's files are on their way: the host gives up after a minute without one. */
const ALIVE_MILLISECONDS = 5000;

/** The set of sessions whose heads can be switched off, the one that reads a text through the lens, and the one that attributes a logit. */
const gated = (): ProbeSet => setOf(GATED);
const lensSet = (): ProbeSet => setOf(LENS);
const attributed = (): ProbeSet => setOf(ATTRIBUTED);

/** Makes the service; `emit` sends events. */
export function createService(emit: Emit): EngineApi {
  let provider: ProviderReport | undefined;
  /** Builds of the runtime that are being compiled; the one that is needed may come after another that was guessed. */
  const compiled = new Map<RuntimeBuild, CompiledRuntime>();
  /** The runtime: a model's load begins before it is there. */
  const runtime = Promise.withResolvers<unknown>();
  // Its failure is told by `start`, and ends the worker.
  runtime.promise.catch(() => undefined);
  let isStarted = false;
  onMaking((bytes) => emit('making', { bytes }));
  /** Files of the model that is being loaded. */
  let arriving: { readonly key: ModelKey; readonly files: ArrivingFiles } | undefined;
  const shelf = new ModelShelf();
  let watched = false;
  const alone = oneAtATime();
  /** The page asks for what it draws of a text as soon as that has been read. */
  const quiet = new Quiet();
  const explanations = new KeptExplanations();
  const requireExplanation = (id: string): ComputedExplanation => explanations.require(id);

  /** The model that a text is to be read by: with several explanations alive it need not be the one loaded last. */
  function requireModel({ modelId, version }: ModelKey): LoadedModel {
    const loaded = shelf.take(modelId, version);
    if (!loaded) throw new ExplainError('INVALID_REQUEST', say('engine.noModel'));
    return loaded;
  }

  /** As `alone`, for what reads the user's text: nothing of that is in an error, which is logged. */
  async function aloneWithText<T>(
    text: string,
    signal: AbortSignal | undefined,
    task: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    try {
      return await alone(signal, task);
    } catch (thrown) {
      throw isAbort(thrown) ? thrown : withoutText(toExplainError(thrown), text);
    }
  }

  async function unload(): Promise<void> {
    await shelf.clear();
    explanations.settle();
  }

  async function load(
    request: LoadRequest,
    files: ArrivingFiles,
    on: ProviderReport,
    signal: AbortSignal,
  ): Promise<LoadedModel> {
    const progress = (phase: string, fraction: number): void => emit('progress', { phase, fraction });
    const explanation = request.text?.explanation ?? '';
    const options: LoadOptions = {
      files,
      runtime: runtime.promise,
      onTokens: (tokens) => emit('tokens', { explanation, ...tokens }),
      onTested: (passed) => emit('tested', passed),
      quiet: () => quiet.comes(),
    };
    // Files may come slowly from a disk or a network. The sign of life keeps the host from taking that for a worker that is stuck.
    const alive = setInterval(() => {
      if (files.areComing) emit('marks', { marks: takeMarks() });
    }, ALIVE_MILLISECONDS);
    try {
      await shelf.makeRoom(request.modelId, files.weightBytes);
      explanations.settle();
      return await loadModel(request, on, progress, signal, options);
    } catch (thrown) {
      // Other models may take up the memory that this one needs: it is tried once more without them.
      if (!(thrown instanceof ExplainError && thrown.code === 'OUT_OF_MEMORY') || shelf.size === 0) throw thrown;
      await unload();
      return await loadModel(request, on, progress, signal, options);
    } finally {
      clearInterval(alive);
    }
  }

  function numbersOf(id: string, of: Content | undefined, measure: ProbedMeasure | undefined): HeldWeights {
    const explanation = requireExplanation(id);
    return measure === undefined ? explanation.weights(of) : explanation.measured(measure, of);
  }

  /** As `numbersOf`, for a picture. One of which no row is there yet is what only a decoder gives, so that this is not kept back. */
  function pictured(kind: AttentionKind, ...about: Parameters<typeof numbersOf>): HeldWeights {
    const held = numbersOf(...about);
    if (held.store.kind(kind).queries === 0) quiet.end();
    return held;
  }

  const sessions = new TextSessions(requireExplanation, async (model, bytes) => {
    await shelf.makeRoomBeside(model, bytes);
    explanations.settle();
  });

  /** Tells what a search has found, as often as somebody can read it, and in the end always. */
  function beamsTold(explanation: string): (sofar: BeamReport) => void {
    const now = (sofar: BeamReport): void => emit('beams', { explanation, sofar });
    const soon = everyMoment(now);
    return (sofar) => (sofar.isDone ? now(sofar) : soon(sofar));
  }

  /** Null where sessions have to be made and the files were not given. */
  async function probe(
    explanation: ComputedExplanation,
    request: TextProbeRequest,
    tokens: ComputedExplanation['tokens'],
    signal: AbortSignal | undefined,
  ): Promise<TextProbeAnswer | null> {
    const { model } = explanation;
    const { files } = request;
    const graphs = await sessions.take(explanation, { ...setOf(request), ...(files && { files }) }, signal);
    if (!graphs) return null;
    return withoutTheirValues(await probeText(model, graphs, sequencesIn(tokens), request), explanation.off);
  }

  return {
    async findProvider(request) {
      provider = await findProvider(request);
      return provider;
    },

    compile(files) {
      compiled.set(files.build, compileRuntime(files));
      return Promise.resolve();
    },

    async start({ build }) {
      if (isStarted) throw new ExplainError('INVALID_REQUEST', say('engine.startedAlready'));
      // The plain build needs no graphics device, so it can be started while one is still being looked for.
      const on = provider ?? (build === 'cpu' ? onWasm('') : undefined);
      if (!on) throw new ExplainError('INVALID_REQUEST', say('engine.providerFirst'));
      if (build !== on.build)
        throw new ExplainError('INVALID_REQUEST', say('engine.otherBuild', { wanted: on.build, given: build }));
      const own = compiled.get(build);
      if (!own) throw new ExplainError('INVALID_REQUEST', say('engine.compileFirst'));
      compiled.clear();
      emit('progress', { phase: say('engine.startingRuntime'), fraction: -1 });
      isStarted = true;
      runtime.resolve(startRuntime(own, on.provider, on.threads));
      await runtime.promise;
    },

    async use({ modelId, version }) {
      const kept = shelf.take(modelId, version);
      return Promise.resolve(kept ? boundedReport(kept.report) : null);
    },

    load(request, signal) {
      // Before anything is waited for: the next messages may bring this model's files.
      const files = new ArrivingFiles(request);
      arriving = { key: request, files };
      return alone(signal, async (own) => {
        if (!provider) throw new ExplainError('INVALID_REQUEST', say('engine.providerFirst'));
        const loaded = await load(request, files, provider, own);
        shelf.add(loaded);
        // The device exists from the first model on, so it is watched from here.
        if (provider.provider === 'webgpu' && !watched) onDeviceLost((message) => emit('lost', { message }));
        watched = true;
        emit('marks', { marks: takeMarks() });
        return boundedReport(loaded.report);
      }).finally(() => {
        if (arriving?.files === files) arriving = undefined;
      });
    },

    async file({ modelId, version, path, bytes }) {
      // A file of a load that was given up meanwhile is dropped.
      if (arriving?.key.modelId === modelId && arriving.key.version === version) arriving.files.arrive(path, bytes);
      return Promise.resolve();
    },

    gated: ({ model, files }) => alone(undefined, () => sessions.gated(requireModel(model), files)),

    explain: (request: ExplainRequest, signal) =>
      aloneWithText(request.text, signal, async (own) => {
        const loaded = requireModel(request.model);
        refuseLong(request.text);
        emit('progress', { phase: say('engine.readingText'), fraction: -1 });
        const off = request.intervention?.off ?? [];
        const reader = off.length > 0 ? await loaded.gated.without(off) : loaded;
        const { explanation, encoded } = await ComputedExplanation.create(
          request.explanation,
          request.text,
          request.windowStart,
          loaded,
          request,
          own,
          everyMoment((fraction: number) => emit('progress', { phase: say('engine.readingText'), fraction })),
          reader,
        );
        if (own.aborted) {
          explanation.dispose();
          own.throwIfAborted();
        }
        explanations.add(explanation);
        mark('text read');
        emit('marks', { marks: takeMarks() });
        return encoded;
      }),

    generate: (request, signal) =>
      alone(
        signal,
        (own) =>
          requireExplanation(request.explanation).generate(
            request.maxSteps,
            own,
            (step, token, completed) => emit('step', { explanation: request.explanation, step, token, completed }),
            request.decoding,
            beamsTold(request.explanation),
          ),
        'runs',
      ),

    openBeam: ({ explanation, token: last }, signal) =>
      alone(
        signal,
        (own) =>
          requireExplanation(explanation).openBeam(last, own, (step, token, completed) =>
            emit('step', { explanation, step, token, completed }),
          ),
        'runs',
      ),

    branch: (request, signal) => alone(signal, () => requireExplanation(request.explanation).branch(request)),

    force: (request, signal) =>
      aloneWithText(request.text, signal, () => {
        refuseLong(request.text);
        return requireExplanation(request.explanation).force(request.text, request.decoding);
      }),

    head({ explanation, of, ...ref }, signal) {
      const measure = ref.measure !== undefined && isProbed(ref.measure) ? ref.measure : undefined;
      return quiet.after(async () => mapOf(pictured(ref.kind, explanation, of, measure), ref, signal));
    },

    tokenWeights({ explanation, of, measure, ...query }, signal) {
      return quiet.after(async () => tokenWeightsOf(numbersOf(explanation, of, measure), query, signal));
    },

    atlas({ explanation, of, measure, ...query }, signal) {
      return quiet.after(async () => atlasOf(pictured(query.kind, explanation, of, measure), query, signal));
    },

    async measure({ explanation, of, measure, files }, signal) {
      const explained = requireExplanation(explanation);
      explained.weights(of);
      // One after another: where two ask for the same measure, the second one gets what was made for the first.
      return sessions.inTurn(async () => {
        signal?.throwIfAborted();
        const made = explained.made(measure, of);
        if (made) return made.report;
        const told = everyMoment((fraction: number) => emit('measuring', { explanation, measure, fraction }));
        told(-1);
        const request = { explanation, probes: probesFor(measure), rows: [] };
        const { tokens } = explained;
        const pass = await probe(explained, files === undefined ? request : { ...request, files }, tokens, signal);
        return pass && (await explained.make(measure, tokens, pass, told, signal)).report;
      });
    },

    async roles({ explanation, of, kind }, signal) {
      const known = requireExplanation(explanation);
      return inSlices(rolesOfText(known.weights(of), kind, known.model.report.family), signal);
    },

    async alignment({ explanation, of, ...choice }, signal) {
      return inSlices(alignText(requireExplanation(explanation).weights(of), choice), signal);
    },

    measureHeads: ({ model, parts }, signal) =>
      alone(signal, (own) => {
        const sentences = parts === 'all' ? PROBE_SENTENCES : SENTENCES_WITH_NAMES;
        const told = (done: number, all: number): void =>
          emit('progress', { phase: say('engine.measuringHeads', { done, all }), fraction: done / all });
        return measureHeads(requireModel(model), { pairs: ALIGNED_PAIRS, sentences, parts, told }, own);
      }),

    async probeText(request, signal) {
      const explanation = requireExplanation(request.explanation);
      return sessions.inTurn(() => probe(explanation, request, explanation.tokens, signal));
    },

    headsOff: ({ off, cut = [], decoding, ...about }, signal) =>
      sessions.pass(
        about,
        () => ({ ...gated(), knockouts: cut.length > 0 }),
        signal,
        (explained, graphs) => headsOff(explained, graphs, { off, cut, decoding }, signal),
      ),

    headCosts: (request, signal) => {
      const { explanation } = request;
      const told = everyMoment((sofar: HeadCosts) => emit('costs', { explanation, sofar }));
      return sessions.pass(request, gated, signal, (explained, graphs) =>
        headCosts(explained, graphs, request, told, signal),
      );
    },

    lesson: ({ play, ...request }, signal) =>
      sessions.pass(
        request,
        (model) => lessonSet(model, play),
        signal,
        async ({ model, off }, graphs, held) => {
          // Each station is computed again from the one before it, as the model itself does it.
          if (off.length > 0) throw new ExplainError('INVALID_REQUEST', say('engine.lessonPlain'));
          return lessonText(model, graphs, sequencesIn(held), request, play, signal);
        },
      ),

    leaveOut: (request, signal) => {
      const { explanation } = request;
      const told = everyMoment((sofar: LeftOutCosts) => emit('leftOut', { explanation, sofar }));
      return sessions.pass(request, gated, signal, (explained, graphs) =>
        rankPieces(explained, graphs, request, told, signal),
      );
    },

    inputWithout: (request, signal) =>
      sessions.pass(request, gated, signal, (explained, graphs) => inputWithout(explained, graphs, request, signal)),

    lens: (request, signal) =>
      sessions.pass(request, lensSet, signal, (explained, graphs) => textLens(explained, graphs, request, signal)),

    attribution: (request, signal) =>
      sessions.pass(request, attributed, signal, (explained, graphs, held) =>
        textAttribution(explained, graphs, held, request, signal),
      ),

    async release(request) {
      explanations.forget(request.explanation);
      return Promise.resolve();
    },
  };
}
