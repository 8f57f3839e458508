/** Finding a model's parts among its files. */
import { ExplainError } from '../errors';
import type { GraphRole } from '../onnx/types';
import type { ModelFiles } from '../protocol/engine';

export interface GraphFile {
  readonly role: GraphRole;
  readonly path: string;
  readonly bytes: Uint8Array;
  /** Precision suffix of the name: '', `fp16`, `quantized`, `q4` … */
  readonly precision: string;
}

const ROLE_NAMES: Readonly<Record<string, GraphRole>> = {
  encoder_model: 'encoder',
  decoder_model_merged: 'decoder-merged',
  decoder_model: 'decoder',
  decoder_with_past_model: 'decoder-with-past',
  model: 'model',
};
const GRAPH_NAME =
  /^(?:.*\/)?(encoder_model|decoder_model_merged|decoder_with_past_model|decoder_model|model)(?:_([a-z0-9]+))?\.onnx$/;

/** The graphs to load, one a role; an encoder comes with a decoder, a merged decoder goes before a pair. */
export function findGraphs(files: ModelFiles): readonly GraphFile[] {
  const found = new Map<GraphRole, GraphFile>();
  for (const [path, bytes] of Object.entries(files)) {
    const match = GRAPH_NAME.exec(path);
    const role = ROLE_NAMES[match?.[1] ?? ''];
    if (role && !found.has(role)) found.set(role, { role, path, bytes, precision: match?.[2] ?? '' });
  }
  if (found.size === 0) {
    const [only, ...others] = Object.entries(files).filter(([path]) => path.endsWith('.onnx'));
    if (only && others.length === 0) return [{ role: 'model', path: only[0], bytes: only[1], precision: '' }];
    throw new ExplainError(
      'MODEL_FILE_MISSING',
      'The model’s folder has no ONNX file that is known by its name (encoder_model.onnx with decoder_model_merged.onnx, or model.onnx); choose a Hugging Face ONNX export.',
    );
  }
  const pick = (...roles: GraphRole[]): GraphFile[] =>
    roles.map((role) => found.get(role)).filter((file) => file !== undefined);
  const decoder = found.has('decoder-merged') ? pick('decoder-merged') : pick('decoder', 'decoder-with-past');
  if (found.has('encoder')) {
    if (decoder[0] === undefined || decoder[0].role === 'decoder-with-past') {
      throw new ExplainError(
        'MODEL_FILE_MISSING',
        'The model has encoder_model.onnx but neither decoder_model_merged.onnx nor decoder_model.onnx; get the missing file and try again.',
      );
    }
    return [...pick('encoder'), ...decoder];
  }
  if (found.has('model')) return pick('model');
  if (decoder[0]?.role === 'decoder-with-past')
    throw new ExplainError(
      'MODEL_FILE_MISSING',
      'The model has decoder_with_past_model.onnx but no decoder_model.onnx; get the missing file and try again.',
    );
  return decoder;
}

/** Size in bytes of a model's graphs and their external data: what the runtime is to hold. */
export function weightBytes(files: ModelFiles): number {
  return Object.entries(files).reduce((sum, [path, { length }]) => sum + (path.endsWith('.json') ? 0 : length), 0);
}

/** A file by its path in the folder. */
export function findSide(files: ModelFiles, name: string): Uint8Array | undefined {
  // A file may be called anything: what is not among the files' own names is not there (`constructor`).
  return Object.hasOwn(files, name) ? files[name] : undefined;
}

/** External data that a graph names, beside it. @throws ExplainError MODEL_FILE_MISSING */
export function findExternalData(
  files: ModelFiles,
  graph: GraphFile,
  names: readonly string[],
): readonly { readonly path: string; readonly data: Uint8Array }[] {
  const folder = graph.path.slice(0, graph.path.lastIndexOf('/') + 1);
  return names.map((name) => {
    const data = findSide(files, folder + name.replace(/^\.\//, ''));
    if (!data)
      throw new ExplainError(
        'MODEL_FILE_MISSING',
        `The model’s file ${graph.path} keeps its weights in ${folder}${name}, which is missing; get it and try again.`,
      );
    return { path: name, data };
  });
}

/** Parsed JSON of a side file. @throws ExplainError MODEL_FILE_MISSING, MODEL_CONFIG_INVALID */
export function readJson(files: ModelFiles, name: string, required: boolean): unknown {
  const bytes = findSide(files, name);
  if (!bytes) {
    if (required)
      throw new ExplainError(
        'MODEL_FILE_MISSING',
        `The model has no ${name}; get it from the model’s page and put it into the folder.`,
      );
    return undefined;
  }
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown;
  } catch (cause) {
    throw new ExplainError(
      'MODEL_CONFIG_INVALID',
      `The model’s ${name} is not valid JSON: it may be cut or damaged; get it again.`,
      { cause },
    );
  }
}

/** True where a protobuf file ends before what its outer fields announce: it was cut off. */
export function isCut(bytes: Uint8Array): boolean {
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; at < bytes.length; scale *= 128) {
      const byte = bytes[at++] as number; // at < length
      value += (byte & 127) * scale;
      if (byte < 128) return value;
      if (scale > 2 ** 56) break;
    }
    return Number.NaN;
  };
  while (at < bytes.length) {
    const tag = varint();
    if (Number.isNaN(tag)) return true;
    switch (tag & 7) {
      case 0:
        if (Number.isNaN(varint())) return true;
        break;
      case 1:
        at += 8;
        break;
      case 2: {
        const length = varint();
        at += length;
        break;
      }
      case 5:
        at += 4;
        break;
      default:
        // Not protobuf at all: damaged rather than cut.
        return false;
    }
    if (!(at <= bytes.length)) return true;
  }
  return false;
}
