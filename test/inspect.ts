/**
 * Says what attention is in a model file, or in every model file of a folder: by graph, kind, layer and heads; the tap's size; the
 * anatomy of each block; what was looked at and not taken, and why. Exit status 1 where a file is refused, 2 where there is nothing to look at.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { toExplainError } from '../src/errors';
import { readJsonFile } from '../src/json/read';
import { anatomyLines } from './inspect/anatomyLines';
import { anatomyOf } from '../src/onnx/anatomy/anatomy';
import { openModel } from '../src/onnx/graph/onnxFile';
import { signatureOf } from '../src/onnx/graph/signature';
import { TapRefused } from '../src/onnx/refusal';
import { planModel } from '../src/onnx/edit/tap';
import type { GraphRole, RejectedNode, TapOutput, TensorSignature } from '../src/onnx/types';
import { sizeOf, variantsAt } from './inspect/modelFolder';
import { inputLines, outputLines } from './inspect/signature';
import { wouldLoad } from './inspect/wouldLoad';
import { roleOf } from './parity/fixture';

interface Inspection {
  readonly file: string;
  readonly role: GraphRole;
  readonly bytes: number;
  readonly config: string | null;
  readonly milliseconds: number;
  readonly opset: number | null;
  readonly nodes: number;
  readonly inputs: readonly TensorSignature[];
  readonly outputs: readonly TensorSignature[];
  /** Inputs with their meaning and outputs with the result, a line each. */
  readonly signature: readonly string[];
  readonly attention: readonly TapOutput[];
  /** By block and layer: where each stage is, or why it is not. */
  readonly anatomy: readonly string[];
  readonly addedBytes: number;
  readonly disabledOptimizers: readonly string[];
  readonly externalData: readonly string[];
  readonly rejected: readonly RejectedNode[];
  readonly refusal: { readonly code: string; readonly message: string; readonly detail: string | null } | null;
}

const ROLES: readonly GraphRole[] = ['encoder', 'decoder', 'decoder-merged', 'decoder-with-past', 'model'];

function modelFiles(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  const places = [join(path, 'onnx'), path].filter((place) => existsSync(place));
  return places.flatMap((place) =>
    readdirSync(place)
      .filter((name) => /\.(onnx|ort)$/i.test(name) && sizeOf(join(place, name)) !== undefined)
      .sort()
      .map((name) => join(place, name)),
  );
}

function configFor(file: string, given: string | undefined): string | undefined {
  return (
    given ??
    [join(dirname(file), 'config.json'), join(dirname(file), '..', 'config.json')].find((path) => existsSync(path))
  );
}

function inspect(file: string, config: string | undefined, role: GraphRole): Inspection {
  const began = performance.now();
  const empty = {
    opset: null,
    nodes: 0,
    inputs: [],
    outputs: [],
    signature: [],
    attention: [],
    anatomy: [],
    addedBytes: 0,
    disabledOptimizers: [],
    externalData: [],
    rejected: [],
  };
  const base = { file, role, bytes: statSync(file).size, config: config ?? null };
  const spent = (): number => Math.round((performance.now() - began) * 10) / 10;
  let known: Pick<Inspection, 'opset' | 'nodes' | 'inputs' | 'outputs' | 'signature'> = empty;
  try {
    const settings =
      config === undefined
        ? undefined
        : readJsonFile(new Uint8Array(readFileSync(config)), basename(config), 'MODEL_CONFIG_INVALID');
    const model = openModel(new Uint8Array(readFileSync(file)));
    known = {
      opset: model.opsets.get('') ?? null,
      nodes: [...model.graph.all()].reduce((sum, graph) => sum + graph.nodes.length, 0),
      ...signatureOf(model),
      signature: [...inputLines(model, settings), ...outputLines(model)],
    };
    const plan = planModel(model, role, settings);
    const { outputs, addedBytes, disabledOptimizers, externalData, rejected } = plan;
    return {
      ...base,
      ...known,
      milliseconds: spent(),
      attention: outputs,
      anatomy: anatomyLines(anatomyOf(model, role, settings)),
      addedBytes,
      disabledOptimizers,
      externalData,
      rejected,
      refusal: null,
    };
  } catch (thrown) {
    const { code, message, detail } = toExplainError(thrown);
    const rejected = thrown instanceof TapRefused ? thrown.rejected : [];
    return {
      ...base,
      ...empty,
      ...known,
      milliseconds: spent(),
      rejected,
      refusal: { code, message, detail: detail ?? null },
    };
  }
}

function print(result: Inspection): void {
  const { role, bytes, opset, nodes, milliseconds, refusal, attention, rejected } = result;
  console.log(
    `${result.file}\n  ${role}, ${bytes.toLocaleString('en')} bytes, operator set ${opset ?? '?'}, ${nodes} nodes, looked at in ${milliseconds} ms`,
  );
  if (result.config === null) console.log('  no config.json: layers and heads are not reconciled');
  for (const line of result.signature) console.log(`  ${line}`);
  if (refusal) {
    console.log(`  refused, ${refusal.code}: ${refusal.message}`);
  } else {
    for (const kind of ['encoder', 'decoder', 'cross'] as const) {
      const layers = attention.filter((output) => output.kind === kind);
      const [first] = layers;
      if (!first) continue;
      const groups = first.kvHeads === first.heads ? '' : ` in ${first.kvHeads} groups`;
      const heads = first.heads === 0 ? 'heads known when run' : `${first.heads} heads${groups}`;
      console.log(`  ${kind}: ${layers.length} ${layers.length === 1 ? 'layer' : 'layers'}, ${heads}`);
      for (const { layer, among, node, name, layout, source, mayLoseMass } of layers) {
        const notes = [
          source === 'side-graph' ? 'recomputed beside fused attention' : name,
          layout === 'flat' ? 'batch and heads in one dimension' : '',
          mayLoseMass ? 'rows may sum to less than 1' : '',
        ];
        console.log(`    ${among?.place ?? layer}  ${node}  →  ${notes.filter(Boolean).join('; ')}`);
      }
    }
    console.log(
      `  tap: ${result.addedBytes} bytes, ${attention.length} outputs${result.externalData.length > 0 ? `; weights in ${result.externalData.join(', ')}` : ''}`,
    );
  }
  for (const line of result.anatomy) console.log(`  ${line}`);
  // Of a file that is refused nothing was taken, and what looked right is listed too.
  const what = refusal ? 'seen' : 'not taken';
  for (const { node, operator, reason } of rejected) console.log(`  ${what}: ${operator} ${node}: ${reason}`);
}

/** The last lines: whether the extension would load it, variant by variant. True where all would. */
async function judge(path: string, run: boolean): Promise<boolean> {
  const variants = variantsAt(path);
  let all = variants.length > 0;
  console.log(path);
  if (variants.length === 0) console.log('would load: no, because there are no ONNX files that go together');
  for (const { name, files, others } of variants) {
    if (others.length > 0) console.log(`  beside it, for pictures or sound, and not part of it: ${others.join(', ')}`);
    const { refusal, also, lines } = await wouldLoad(files(), run);
    for (const line of lines) console.log(`  ${line}`);
    const which = variants.length === 1 ? 'would load' : `would load (${name})`;
    const reasons = [refusal, also].filter((reason) => reason !== null);
    const why = reasons.map(({ message, code }) => `${message} (${code})`).join(' And: ');
    console.log(refusal ? `${which}: no, because ${why}` : `${which}: yes`);
    all &&= !refusal;
  }
  return all;
}

const { values, positionals } = parseArgs({
  args: process.argv.slice(2),
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    run: { type: 'boolean', default: false },
    config: { type: 'string' },
    role: { type: 'string' },
  },
});
const role = ROLES.find((name) => name === values.role);
const files = positionals.filter((path) => existsSync(path)).flatMap(modelFiles);
const nothing = positionals.some((path) => !existsSync(path)) || positionals.length === 0;
if (files.length === 0 && !nothing && !values.json) {
  for (const path of positionals) await judge(path, false);
  process.exitCode = 2;
} else if (files.length === 0 || (values.role !== undefined && !role) || nothing) {
  console.error(
    'Usage: npm run inspect -- model.onnx|folder … [--json] [--run] [--config config.json] [--role encoder|decoder|decoder-merged|decoder-with-past|model]',
  );
  process.exitCode = 2;
} else {
  const results = files.map((file) =>
    inspect(file, configFor(file, values.config), role ?? roleOf(file.split('/').at(-1) ?? '')),
  );
  if (values.json) console.log(JSON.stringify(results, null, 2));
  else {
    for (const result of results) print(result);
    // With a role or a config of its own a file is looked at alone, as no model has it.
    if (!role && values.config === undefined)
      for (const path of positionals) if (!(await judge(path, values.run))) process.exitCode = 1;
  }
  if (results.some(({ refusal }) => refusal !== null)) process.exitCode = 1;
}
