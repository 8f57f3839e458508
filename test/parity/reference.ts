/** Fixtures with a reference, and models loaded for tests the way the engine loads them. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AttentionKind } from '../../src/attention/types';
import { assemble, type ModelParts } from '../../src/engine/model/assemble';
import type { LoadedGraph } from '../../src/engine/model/loadedGraph';
import { loadGraph } from '../support/loadGraph';
import { findGraphs } from '../../src/engine/files/modelFiles';
import { readJsonFile } from '../../src/json/read';
import type { ModelFiles } from '../../src/protocol/engine';
import { withResult } from './fixture';
import { useNodeRuntime } from './nodeRuntime';

export const FIXTURES = process.env['EXPLAIN_FIXTURES'] ?? join(import.meta.dirname, '../fixtures/transformers');
export const BUNDLED = join(import.meta.dirname, '../../models/en-fr');

interface Tensor {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

export interface Reference {
  readonly input_ids: readonly number[];
  readonly decoder_input_ids?: readonly number[];
  readonly attentions: Readonly<Record<'encoder_self' | 'decoder_self' | 'cross', readonly Tensor[] | undefined>>;
  readonly logits_last: Tensor;
  readonly hidden_last?: Tensor;
}

/** A folder's files by their path in it, references left out. */
export function readFolder(folder: string, prefix = ''): ModelFiles {
  return Object.fromEntries(
    readdirSync(join(folder, prefix), { withFileTypes: true }).flatMap((entry): [string, Uint8Array][] => {
      const path = prefix + entry.name;
      if (entry.isDirectory()) return Object.entries(readFolder(folder, `${path}/`));
      return entry.name === 'reference.json' ? [] : [[path, new Uint8Array(readFileSync(join(folder, path)))]];
    }),
  );
}

const json = (files: ModelFiles, name: string): unknown =>
  files[name] ? readJsonFile(files[name], name, 'MODEL_CONFIG_INVALID') : undefined;

export function readReference(name: string): Reference {
  return withResult(JSON.parse(readFileSync(join(FIXTURES, name, 'reference.json'), 'utf8')) as Reference);
}

export function fixtureNames(): readonly string[] {
  return readdirSync(FIXTURES)
    .filter((name) => existsSync(join(FIXTURES, name, 'reference.json')))
    .sort();
}

const NAMES = { encoder: 'encoder_self', decoder: 'decoder_self', cross: 'cross' } as const;

export const referenceOf = (reference: Reference, kind: AttentionKind): readonly Tensor[] =>
  reference.attentions[NAMES[kind]] ?? [];

export interface TestModel extends ModelParts {
  dispose(): Promise<void>;
}

/** Loads a folder's graphs, tapped, on onnxruntime-web's CPU build. */
export async function loadFolder(folder: string): Promise<TestModel> {
  useNodeRuntime();
  const files = readFolder(folder);
  const config = json(files, 'config.json');
  const graphs: LoadedGraph[] = [];
  for (const file of findGraphs(files)) graphs.push(await loadGraph(file, files, config, { provider: 'wasm' }));
  return {
    ...(await assemble(graphs, config, json(files, 'generation_config.json'), [3, 4, 5, 6])),
    dispose: async () => {
      for (const graph of graphs) await graph.session.dispose();
    },
  };
}

/** The largest difference of two equally long lists; Infinity where they are not, or where one is not a number. */
export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Infinity;
  let worst = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs((a[i] ?? Number.NaN) - (b[i] ?? Number.NaN));
    if (!(difference <= worst)) worst = Number.isNaN(difference) ? Infinity : difference;
  }
  return worst;
}
