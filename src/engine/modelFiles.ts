/** Finding a model's parts among its files. */
import { ExplainError } from '../errors';
import { readJsonFile } from '../json/read';
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

/** A file by its name at the top of the folder. */
export function findSide(files: ModelFiles, name: string): Uint8Array | undefined {
  return files[name];
}

/** External data that a graph names, beside it. @throws ExplainError MODEL_FILE_MISSING */
export function findExternalData(
  files: ModelFiles,
  graph: GraphFile,
  names: readonly string[],
): readonly { readonly path: string; readonly data: Uint8Array }[] {
  const folder = graph.path.slice(0, graph.path.lastIndexOf('/') + 1);
  return names.map((name) => {
    const data = files[folder + name.replace(/^\.\//, '')];
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
  return readJsonFile(bytes, name, 'MODEL_CONFIG_INVALID');
}
