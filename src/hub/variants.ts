/** Which ONNX exports a repository or a folder holds: variant by variant, with all the files that one needs. */
import { POOLING_FILE } from '../config/sentencePooling';
import {
  graphSets,
  isExternalData,
  isSetName,
  towersAmong,
  type GraphSet,
  type FileLayout,
  type Precision,
} from '../config/graphNames';
import type { RepositoryFile } from './repository';

export type { FileLayout };

/** What a variant is called: a precision as transformers.js names it (`fp32`, `q4` …), or whatever the files' names end in (`O2`). */
export type Dtype = string;

export function isDtype(value: unknown): value is Dtype {
  return isSetName(value);
}

export interface Variant {
  readonly dtype: Dtype;
  /** What the name stands for, for what to propose. */
  readonly precision: Precision;
  readonly layout: FileLayout;
  /** Graphs, their external data, and the side files; what a download fetches. */
  readonly files: readonly RepositoryFile[];
  /** The paths of the graphs among them. */
  readonly graphs: readonly string[];
  /** All files together. */
  readonly bytes: number;
  /** Graphs beside it that read pictures or sound, and are no variants of it. */
  readonly others: readonly string[];
  /** Side files that are needed and not in the repository: `config.json`, `tokenizer.json`. */
  readonly missing: readonly string[];
}

const TOKENIZER = 'tokenizer.json';
const CONFIG = 'config.json';
const USEFUL = [
  'generation_config.json',
  'tokenizer_config.json',
  'special_tokens_map.json',
  'chat_template.jinja',
  POOLING_FILE,
];

/** One variant for each ending of the graphs' names, the precisions of transformers.js first, each in the best layout that is complete. */
export function findVariants(files: readonly RepositoryFile[]): readonly Variant[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const paths = files.map(({ path }) => path);
  const { other } = towersAmong(paths);
  return graphSets(paths).map((set) => ({ ...variantOf(set, files, byPath), others: other }));
}

function variantOf(
  { name, precision, layout, folder, graphs }: GraphSet,
  files: readonly RepositoryFile[],
  byPath: ReadonlyMap<string, RepositoryFile>,
): Omit<Variant, 'others'> {
  const side = (file: string): RepositoryFile | undefined =>
    sideFolders(folder)
      .map((place) => byPath.get(place + file))
      .find((found) => found !== undefined);
  const paths = graphs.map(({ path }) => path);
  const all = [
    ...[CONFIG, TOKENIZER, ...USEFUL].map(side),
    ...paths.map((path) => byPath.get(path)),
    ...files.filter((file) => paths.some((graph) => isExternalData(file.path, graph))),
  ].filter((file) => file !== undefined);
  // Without a config an encoder-decoder cannot be started; other models tell layers and heads by their graph.
  const needed = layout.startsWith('encoder +') ? [CONFIG, TOKENIZER] : [TOKENIZER];
  return {
    dtype: name,
    precision,
    layout,
    files: all,
    graphs: paths,
    bytes: all.reduce((sum, file) => sum + file.size, 0),
    missing: needed.filter((file) => !side(file)),
  };
}

/** Where a graph's side files may be: for `onnx/` the top and then beside it, else beside it and then further up. */
function sideFolders(folder: string): readonly string[] {
  if (folder === '' || folder === 'onnx/') return ['', 'onnx/'];
  const names = folder.split('/').slice(0, -1);
  return [...names.keys()].map((at) => `${names.slice(0, names.length - at).join('/')}/`).concat('');
}

/** Above this, half precision is taken on WebGPU where there is a choice, and above twice this 4 bits. */
const COMFORTABLE_BYTES = 600e6;

/**
 * The variant to propose. WebGPU: fp32, fp16 or q4 by size; int8 kernels are wrong there (transformers.js #1286,
 * #1317). WASM: int8, the smallest that is fast on a CPU.
 */
export function defaultVariant(
  variants: readonly Variant[],
  provider: 'webgpu' | 'wasm',
  shaderF16 = true,
): Variant | null {
  const size = variants.find(({ precision }) => precision === 'fp32')?.bytes ?? Infinity;
  for (const precision of provider === 'wasm' ? ON_WASM : onWebGpu(size, shaderF16)) {
    const fitting = variants.filter((candidate) => candidate.precision === precision);
    // The plain name is what most people use; the others are made for some machine or by some optimiser.
    const [best] = [...fitting.filter(({ dtype }) => PLAIN_NAMES.has(dtype)), ...fitting];
    if (best) return best;
  }
  return variants[0] ?? null;
}

const ON_WASM: readonly Precision[] = ['int8', 'q4', 'fp32', 'bnb4', 'fp16', 'q4f16'];
const PLAIN_NAMES: ReadonlySet<Dtype> = new Set(['fp32', 'fp16', 'quantized', 'int8', 'uint8', 'q4', 'q4f16', 'bnb4']);

function onWebGpu(size: number, shaderF16: boolean): readonly Precision[] {
  const half: readonly Precision[] = shaderF16 ? ['fp16'] : [];
  const four: readonly Precision[] = shaderF16 ? ['q4f16', 'q4'] : ['q4'];
  if (size <= COMFORTABLE_BYTES) return ['fp32', ...half, ...four, 'bnb4'];
  if (size <= 2 * COMFORTABLE_BYTES) return [...half, 'fp32', ...four, 'bnb4'];
  return [...four, ...half, 'bnb4', 'fp32'];
}
