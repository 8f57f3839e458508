/** Finding a model's parts among its files. */
import { graphOf, graphSets, precisionOf, type GraphSet } from '../../config/graphNames';
import { POOLING_FILE } from '../../config/sentencePooling';
import { ExplainError } from '../../errors';
import { readJsonFile } from '../../json/read';
import type { GraphRole } from '../../onnx/types';
import type { ModelFiles } from '../../protocol/engine';
import { say } from '../../text/say';

export interface GraphFile {
  readonly role: GraphRole;
  readonly path: string;
  readonly bytes: Uint8Array;
  /** What the name says it is rounded to: `fp16`, `quantized`, `q4` …; '' where that is full precision. */
  readonly precision: string;
}

/** A graph's file by its name alone. */
export type GraphPlace = Omit<GraphFile, 'bytes'>;

/**
 * The graphs to load, one a role; of several sets the first. An encoder alone is a model that only reads.
 * @throws ExplainError MODEL_FILE_MISSING, naming what is not there
 */
export function findGraphPlaces(paths: readonly string[]): readonly GraphPlace[] {
  return chooseSet(paths).graphs.map(({ role, path }): GraphPlace => {
    const suffix = graphOf(path)?.suffix ?? '';
    return { role, path, precision: precisionOf(suffix) === 'fp32' ? '' : suffix };
  });
}

/** As `findGraphPlaces`, with the files. @throws ExplainError MODEL_FILE_MISSING */
export function findGraphs(files: ModelFiles): readonly GraphFile[] {
  return withBytes(findGraphPlaces(Object.keys(files)), files);
}

/** Those of the graphs whose files are here. */
export function withBytes(places: readonly GraphPlace[], files: ModelFiles): readonly GraphFile[] {
  return places.flatMap((place): GraphFile[] => {
    const bytes = files[place.path];
    return bytes ? [{ ...place, bytes }] : [];
  });
}

function chooseSet(paths: readonly string[]): GraphSet {
  const sets = graphSets(paths);
  const [first, ...others] = sets;
  if (first && !(first.unknownName && others.length > 0)) return first;
  const roles = paths.map((path) => graphOf(path)?.role);
  const encoder = roles.includes('encoder');
  if (!roles.includes('decoder-with-past')) throw new ExplainError('MODEL_FILE_MISSING', say('engine.noGraphs'));
  throw new ExplainError('MODEL_FILE_MISSING', say(encoder ? 'engine.noFirstDecoder' : 'engine.noDecoder'));
}

/** Size in bytes of a model's graphs and their external data: what the runtime is to hold. All but JSON files count. */
export function weightBytes(files: Readonly<Record<string, { readonly length: number }>>): number {
  return Object.entries(files).reduce((sum, [path, { length }]) => sum + (path.endsWith('.json') ? 0 : length), 0);
}

/** A file by its name: at the top of the folder, else the one that is nearest to it. */
export function findSide(files: ModelFiles, name: string): Uint8Array | undefined {
  const [nearest] = Object.keys(files)
    .filter((path) => path === name || path.endsWith(`/${name}`))
    // A sentence embedder's pooling has a config of its own, which is not the model's.
    .filter((path) => name === POOLING_FILE || !path.endsWith(POOLING_FILE))
    .sort((a, b) => a.split('/').length - b.split('/').length || (a < b ? -1 : 1));
  return nearest === undefined ? undefined : files[nearest];
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
      throw new ExplainError('MODEL_FILE_MISSING', say('engine.weightsMissing', { file: graph.path, folder, name }));
    return { path: name, data };
  });
}

/** Parsed JSON of a side file. @throws ExplainError MODEL_FILE_MISSING, MODEL_CONFIG_INVALID */
export function readJson(files: ModelFiles, name: string, required: boolean): unknown {
  const bytes = findSide(files, name);
  if (!bytes) {
    if (required) throw new ExplainError('MODEL_FILE_MISSING', say('engine.fileMissing', { file: name }));
    return undefined;
  }
  return readJsonFile(bytes, name, 'MODEL_CONFIG_INVALID');
}
