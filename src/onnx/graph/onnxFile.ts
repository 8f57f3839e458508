/** A model file, opened: operator versions, its graph, and what its functions hide. */
import { ExplainError } from '../../errors';
import { Flow } from './flow';
import { FIELD } from '../wire/proto';
import { Graph } from './graph';
import { invalidOnnx, tooLarge, WireReader, type MessageSpan, type ByteSpan } from '../wire/reader';
import { say } from '../../text/say';

export interface OnnxModel {
  readonly bytes: Uint8Array;
  readonly graph: Graph;
  /** What is known of the graph's tensors; found out when it is first asked for. */
  readonly flow: Flow;
  /** Version of each operator domain; '' is ONNX's own. */
  readonly opsets: ReadonlyMap<string, number>;
  /** Model-local functions by `domain::name`, with the operators that their bodies use. */
  readonly functions: ReadonlyMap<string, ReadonlySet<string>>;
}

/** Protobuf messages, and so ONNX files, end below 2 GiB; larger models keep their weights in external files. */
const MAX_BYTES = 0x7fff_ffff;
const MAX_FUNCTIONS = 4096;

/**
 * Opens a model: headers only, no weight is read. The graph's arrays are views by name into `bytes`.
 * @throws ExplainError ONNX_INVALID, ORT_FORMAT, TOO_LARGE
 */
export function openModel(bytes: Uint8Array): OnnxModel {
  if (bytes.length === 0) throw invalidOnnx(say('onnx.reason.empty'));
  if (bytes.length > MAX_BYTES) throw tooLarge(say('onnx.reason.bytes', { bytes: bytes.length }));
  if (isOrtFormat(bytes)) {
    throw new ExplainError('ORT_FORMAT', say('onnx.ortFormat'));
  }
  const graphs: MessageSpan[] = [];
  const opsets = new Map<string, number>();
  const functions = new Map<string, ReadonlySet<string>>();
  const reader = new WireReader(bytes, { start: 0, end: bytes.length });
  while (reader.next()) {
    switch (reader.field) {
      case FIELD.model.graph:
        graphs.push({ ...reader.bytesField(), tag: reader.tag });
        if (graphs.length > 64) throw invalidOnnx(say('onnx.reason.manyGraphs'));
        break;
      case FIELD.model.opset: {
        const [domain, version] = readOpset(bytes, reader.bytesField());
        opsets.set(domain === 'ai.onnx' ? '' : domain, version);
        break;
      }
      case FIELD.model.functions: {
        const [name, operators] = readFunction(bytes, reader.bytesField());
        functions.set(name, operators);
        if (functions.size > MAX_FUNCTIONS) throw tooLarge(say('onnx.reason.manyFunctions', { most: MAX_FUNCTIONS }));
        break;
      }
    }
  }
  if (graphs.length === 0) throw invalidOnnx(say('onnx.reason.noGraph'));
  const graph = Graph.read(bytes, graphs);
  for (const file of graph.external) checkExternal(file);
  let flow: Flow | undefined;
  return {
    bytes,
    graph,
    opsets,
    functions,
    get flow() {
      return (flow ??= new Flow(graph, null));
    },
  };
}

/** A flatbuffer with the identifier ORTM. */
function isOrtFormat(bytes: Uint8Array): boolean {
  return bytes[4] === 0x4f && bytes[5] === 0x52 && bytes[6] === 0x54 && bytes[7] === 0x4d;
}

function readOpset(bytes: Uint8Array, span: ByteSpan): [string, number] {
  const reader = new WireReader(bytes, span);
  let domain = '';
  let version = 0;
  while (reader.next()) {
    if (reader.field === FIELD.opset.domain) domain = reader.text();
    else if (reader.field === FIELD.opset.version) version = reader.varintField();
  }
  return [domain, version];
}

function readFunction(bytes: Uint8Array, span: ByteSpan): [string, ReadonlySet<string>] {
  const reader = new WireReader(bytes, span);
  const operators = new Set<string>();
  let name = '';
  let domain = '';
  while (reader.next()) {
    if (reader.field === FIELD.function.name) name = reader.text();
    else if (reader.field === FIELD.function.domain) domain = reader.text();
    else if (reader.field === FIELD.function.node) {
      const node = new WireReader(bytes, reader.bytesField());
      while (node.next()) if (node.field === FIELD.node.op && operators.size < 1024) operators.add(node.text());
    }
  }
  return [`${domain}::${name}`, operators];
}

/** External data lie beside the model; a name that leads elsewhere is not followed. */
function checkExternal(file: string): void {
  if (
    file === '' ||
    file.startsWith('/') ||
    file.includes('\\') ||
    file.includes(':') ||
    file.includes('\0') ||
    file.split('/').includes('..')
  ) {
    throw invalidOnnx(say('onnx.reason.dataOutside'));
  }
}
