/**
 * What the extension host may ask of the engine's worker: one schema a request, from which its type comes. The worker checks each by
 * it before it does anything (`checks.ts`). Of a model's files it is seen that they are bytes; what is in them is read with care later.
 */
import * as v from 'valibot';
import { decodingSettings } from '../decodingSettings';
import { TEXT_QUESTIONS, type about } from './textQuestions';
import { byPath, explanation, fields, indices, intervention, bytes } from './requestParts';
import { count, index, indexOrNone } from './wholeNumbers';

/** A set of probes has a name for each measure or stage. */
const MAX_PROBES = 64;
/** No model has more layers times heads. */
const MAX_GATES = 100_000;

/** Which model: the same id may come with other files later, as a folder's files can change. */
const modelKeyEntries = {
  modelId: v.string(),
  /** Differs where the files do; '' where they never change. */
  version: v.string(),
};
const modelKey = fields(modelKeyEntries);

/** A model's files by their path inside its folder, with forward slashes: `config.json`, `onnx/encoder_model.onnx`, … */
const modelFiles = byPath(bytes);
/** The model's files, where the sessions that a question needs were not made yet. */
const files = v.exactOptional(modelFiles);

/** The three builds of onnxruntime-web's WebAssembly; the plain one has no WebGPU, `jspi` needs WebAssembly.Suspending. */
export const build = v.picklist(['cpu', 'jspi', 'asyncify']);

/** UTF-16 offsets [start, end) in the text. */
const textSpan = fields({ start: index, end: index });
/** A pair in the order in which it is read: question and context, premise and hypothesis, query and passage. */
const textPair = fields({ first: textSpan, second: textSpan });

const readTextEntries = {
  explanation,
  text: v.string(),
  /** First token (of the text's own tokens, specials not counted) of the window to explain; 0 unless the user chose another. */
  windowStart: index,
  /** Tokens of `source` to put the model's mask in place of (encoder-only models that fill masks); none if left out. */
  masked: v.exactOptional(indices),
  /** Put the text into the model's chat template as the user's message (decoder-only models that have one). */
  chat: v.exactOptional(v.boolean()),
  /** Read special tokens that are typed in the text as the text that they are. */
  specialsAsText: v.exactOptional(v.boolean()),
  /** The text is two, which a model that reads pairs reads as one; any other reads it as it stands. */
  pair: v.exactOptional(textPair),
  /** Pieces of the text to leave out, by the tokens of all of it (before masks are put), and heads to switch off; none if left out. */
  intervention: v.exactOptional(intervention),
  /** How words are told apart: in code identifiers are words. Prose where it is left out. */
  written: v.exactOptional(v.picklist(['prose', 'code'])),
};

/** Settings in place of the model's own rules; left out: the likeliest token each time, by these rules. */
const decoding = v.exactOptional(decodingSettings);

/** A factor for each head's output, [layer][head] row-major, 0 for a head that is off. */
const gates = v.exactOptional(v.pipe(v.array(v.pipe(v.number(), v.finite())), v.maxLength(MAX_GATES), v.readonly()));

/** A schema for each method of `EngineApi`. */
export const ENGINE_REQUESTS = {
  findProvider: fields({
    preference: v.picklist(['auto', 'webgpu', 'wasm']),
    /** Take a software WebGPU adapter (SwiftShader) too; for tests. */
    allowSoftwareAdapter: v.boolean(),
  }),
  compile: fields({
    build,
    /** The gzip-compressed WebAssembly binary. */
    wasmGzip: bytes,
    /** Source text of the matching `.mjs` glue. */
    mjs: v.string(),
  }),
  start: fields({ build }),
  use: modelKey,
  load: fields({
    ...modelKeyEntries,
    name: v.string(),
    files: modelFiles,
    /** Sizes in bytes, by path, of files that `file` brings while the model is loaded. */
    coming: v.exactOptional(byPath(count)),
    /** The text that is to be read: its tokens are told as soon as there is a tokenizer (event `tokens`). */
    text: v.exactOptional(fields(readTextEntries)),
    /** Texts of more tokens are read a sentence at a time: the model was trained on no longer ones. No such bound if left out. */
    sentencesBeyond: v.exactOptional(index),
    /** Asks for the self-test to be skipped where it passed before; a `tested` event tells what to keep for the next time. */
    trial: v.exactOptional(
      fields({
        /** Which version of the extension runs. */
        version: v.string(),
        /** What was kept, as it came back from storage. */
        kept: v.unknown(),
      }),
    ),
  }),
  /** One file of a model that is being loaded. */
  file: fields({ ...modelKeyEntries, path: v.string(), bytes }),
  gated: fields({ model: modelKey, files }),
  /** `model`: the loaded model that reads the text. */
  explain: fields({ ...readTextEntries, model: modelKey }),
  /** `maxSteps`: how many tokens to produce at most; of a search how many steps. */
  generate: fields({ explanation, maxSteps: count, decoding }),
  branch: fields({
    explanation,
    /** Index in `steps` of the step to redo; later steps are dropped. */
    step: index,
    /** The token to go on with; -1 to drop the step and what follows. */
    token: indexOrNone,
    /** How what follows is to be chosen: settings that the model cannot have are refused before anything is dropped. */
    decoding,
  }),
  /** A first token that the settings force comes before the text. */
  force: fields({ explanation, text: v.string(), decoding }),
  /** `token`: the last one of another text of the search, by its place in the tree. */
  openBeam: fields({ explanation, token: index }),
  head: fields(TEXT_QUESTIONS.head),
  tokenWeights: fields(TEXT_QUESTIONS.tokenWeights),
  atlas: fields(TEXT_QUESTIONS.atlas),
  measure: fields({ ...TEXT_QUESTIONS.measure, files }),
  roles: fields(TEXT_QUESTIONS.roles),
  measureHeads: fields({ model: modelKey, parts: v.picklist(['all', 'alignment']) }),
  alignment: fields(TEXT_QUESTIONS.alignment),
  /** Asks what else the graph can give over an explained text, all of it as it stands, in one pass. */
  probeText: fields({
    explanation,
    /** `valueNorms`, `lens`, or names of stages (`src/onnx/anatomy/stages.ts`); sessions are made and kept for each such set. */
    probes: v.pipe(v.array(v.string()), v.maxLength(MAX_PROBES), v.readonly()),
    /** Kinds left out stay as they are. */
    gates: v.exactOptional(fields({ encoder: gates, decoder: gates, cross: gates })),
    /** Places in the text whose logits are wanted, of the lens as well; the last one if left out. */
    rows: v.exactOptional(indices),
    files,
  }),
  headsOff: fields({ ...TEXT_QUESTIONS.headsOff, files }),
  headCosts: fields({ ...TEXT_QUESTIONS.headCosts, files }),
  lesson: fields({ ...TEXT_QUESTIONS.lesson, files }),
  leaveOut: fields({ ...TEXT_QUESTIONS.leaveOut, files }),
  inputWithout: fields({ ...TEXT_QUESTIONS.inputWithout, files }),
  lens: fields({ ...TEXT_QUESTIONS.lens, files }),
  attribution: fields({ ...TEXT_QUESTIONS.attribution, files }),
  release: fields({ explanation }),
} as const;

/** Each request by its method's name. */
export type EngineRequests = {
  readonly [Method in keyof typeof ENGINE_REQUESTS]: v.InferOutput<(typeof ENGINE_REQUESTS)[Method]>;
};

export type { Intervention } from './requestParts';
export type ProviderRequest = EngineRequests['findProvider'];
export type ProviderPreference = ProviderRequest['preference'];
export type RuntimeFiles = EngineRequests['compile'];
export type RuntimeBuild = RuntimeFiles['build'];
export type ModelKey = EngineRequests['use'];
export type ModelFiles = v.InferOutput<typeof modelFiles>;
export type LoadRequest = EngineRequests['load'];
export type ArrivedFile = EngineRequests['file'];
export type TextSpan = v.InferOutput<typeof textSpan>;
export type TextPair = v.InferOutput<typeof textPair>;
export type ExplainRequest = EngineRequests['explain'];
export type GenerateRequest = EngineRequests['generate'];
export type BranchRequest = EngineRequests['branch'];
export type ForceRequest = EngineRequests['force'];
export type OpenBeamRequest = EngineRequests['openBeam'];
/** Of what weights are asked for. */
export type WeightsQuery = v.InferOutput<ReturnType<typeof fields<typeof about>>>;
export type MapQuery = EngineRequests['head'];
export type TokenQuery = EngineRequests['tokenWeights'];
export type AtlasQuery = EngineRequests['atlas'];
export type MeasureRequest = EngineRequests['measure'];
export type RolesQuery = EngineRequests['roles'];
export type AlignmentQuery = EngineRequests['alignment'];
export type TextProbeRequest = EngineRequests['probeText'];
export type HeadsOffRequest = EngineRequests['headsOff'];
export type HeadCostsRequest = EngineRequests['headCosts'];
export type LessonRequest = EngineRequests['lesson'];
export type LeaveOutRequest = EngineRequests['leaveOut'];
export type InputWithoutRequest = EngineRequests['inputWithout'];
export type LensRequest = EngineRequests['lens'];
export type AttributionRequest = EngineRequests['attribution'];
