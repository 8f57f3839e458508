/** Which ONNX exports a repository holds: precision by precision, with all the files that one needs. */
import type { RepositoryFile } from './repository';

/** Precisions as transformers.js names them, with the suffix of their files. */
export const DTYPES = {
  fp32: '',
  fp16: '_fp16',
  quantized: '_quantized',
  int8: '_int8',
  uint8: '_uint8',
  q4: '_q4',
  q4f16: '_q4f16',
  bnb4: '_bnb4',
} as const;
export type Dtype = keyof typeof DTYPES;

/** How the graphs are divided among files. */
export type Layout =
  'encoder + merged decoder' | 'encoder + decoder pair' | 'merged decoder' | 'decoder pair' | 'single';

export interface Variant {
  readonly dtype: Dtype;
  readonly layout: Layout;
  /** Graphs, their external data, and the side files; what a download fetches. */
  readonly files: readonly RepositoryFile[];
  /** The paths of the graphs among them. */
  readonly graphs: readonly string[];
  /** All files together. */
  readonly bytes: number;
  /** Side files that are needed and not in the repository: `config.json`, `tokenizer.json`. */
  readonly missing: readonly string[];
}

const LAYOUTS: readonly { readonly layout: Layout; readonly graphs: readonly string[] }[] = [
  { layout: 'encoder + merged decoder', graphs: ['encoder_model', 'decoder_model_merged'] },
  { layout: 'encoder + decoder pair', graphs: ['encoder_model', 'decoder_model', 'decoder_with_past_model'] },
  { layout: 'encoder + decoder pair', graphs: ['encoder_model', 'decoder_model'] },
  { layout: 'merged decoder', graphs: ['decoder_model_merged'] },
  { layout: 'single', graphs: ['model'] },
  { layout: 'decoder pair', graphs: ['decoder_model', 'decoder_with_past_model'] },
  { layout: 'decoder pair', graphs: ['decoder_model'] },
];

const NEEDED = ['config.json', 'tokenizer.json'];
const USEFUL = ['generation_config.json', 'tokenizer_config.json', 'special_tokens_map.json', 'chat_template.jinja'];

/** One variant a precision, in the order of `DTYPES`, each in the best layout that is complete. */
export function findVariants(files: readonly RepositoryFile[]): readonly Variant[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const side = [...NEEDED, ...USEFUL].map((name) => byPath.get(name)).filter((file) => file !== undefined);
  const missing = NEEDED.filter((name) => !byPath.has(name));
  const variants: Variant[] = [];
  for (const dtype of Object.keys(DTYPES) as Dtype[]) {
    const found = findLayout(dtype, byPath);
    if (found === null) continue;
    const data = files.filter((file) => found.graphs.some((graph) => isExternalData(file.path, graph)));
    const graphs = found.graphs.map((path) => byPath.get(path)).filter((file) => file !== undefined);
    const all = [...side, ...graphs, ...data];
    variants.push({
      dtype,
      layout: found.layout,
      files: all,
      graphs: found.graphs,
      bytes: all.reduce((sum, file) => sum + file.size, 0),
      missing,
    });
  }
  return variants;
}

function findLayout(
  dtype: Dtype,
  byPath: ReadonlyMap<string, RepositoryFile>,
): { readonly layout: Layout; readonly graphs: readonly string[] } | null {
  for (const folder of ['onnx/', '']) {
    for (const { layout, graphs } of LAYOUTS) {
      const paths = graphs.map((name) => `${folder}${name}${DTYPES[dtype]}.onnx`);
      if (paths.every((path) => byPath.has(path))) return { layout, graphs: paths };
    }
  }
  return null;
}

/** `model.onnx_data`, `model.onnx_data_1`, …, `model.onnx.data` beside `model.onnx`. */
function isExternalData(path: string, graph: string): boolean {
  return path.startsWith(graph) && /^(?:_data(?:_\d+)?|\.data)$/u.test(path.slice(graph.length));
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
  const half: readonly Dtype[] = shaderF16 ? ['fp16'] : [];
  const four: readonly Dtype[] = shaderF16 ? ['q4f16', 'q4'] : ['q4'];
  const full = variants.find((variant) => variant.dtype === 'fp32');
  const size = full?.bytes ?? Infinity;
  const orders: Readonly<Record<'small' | 'middle' | 'large' | 'wasm', readonly Dtype[]>> = {
    small: ['fp32', ...half, ...four, 'bnb4'],
    middle: [...half, 'fp32', ...four, 'bnb4'],
    large: [...four, ...half, 'bnb4', 'fp32'],
    wasm: ['quantized', 'int8', 'uint8', 'q4', 'fp32', 'bnb4', 'fp16', 'q4f16'],
  };
  const order =
    provider === 'wasm'
      ? orders.wasm
      : size <= COMFORTABLE_BYTES
        ? orders.small
        : size <= 2 * COMFORTABLE_BYTES
          ? orders.middle
          : orders.large;
  for (const dtype of order) {
    const variant = variants.find((candidate) => candidate.dtype === dtype);
    if (variant !== undefined) return variant;
  }
  return variants[0] ?? null;
}
