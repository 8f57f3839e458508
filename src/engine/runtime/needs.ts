/**
 * What a file that the runtime does not run needs instead: another provider, another machine, or a newer runtime. The runtime says so
 * in its own words only; they are those of ONNX Runtime 1.30 (graph/model.cc, graph/model_load_utils.h, graph/graph.cc, the kernels).
 */
import type { ErrorCode } from '../../errors';
import type { ProviderReport } from '../../protocol/engine';
import { say } from '../../text/say';

export interface Need {
  readonly code: ErrorCode;
  /** One sentence: what it needs, and what to do. */
  readonly sentence: string;
}

interface Context {
  readonly file: string;
  readonly provider: ProviderReport['provider'];
  /** What the runtime said, without its own files. */
  readonly reason: string;
  /** The runtime's version. */
  readonly version: string;
}

/** "… is implemented only on the CUDA and WebGPU EPs": the providers that are named. */
const ONLY_ON = /\bonly (?:implemented |supported |available )?(?:on|by|in|for|with) ([^.]*)/i;
const NOT_ON_WEBGPU =
  /(?:not (?:yet )?(?:implemented|supported)|unsupported|unimplemented)[^.]*\b(?:webgpu|jsep)\b|\b(?:webgpu|jsep)\b[^.]*(?:not (?:yet )?(?:implemented|supported)|unsupported|unimplemented)/i;
const NO_KERNEL = /(?:could not find an implementation|failed to find kernel|no kernel[^.]*) for ([\w.:]+)/i;
const OPERATOR_SET =
  /Opset (\d+) is under development.*current official support for domain (\S+) is till opset (\d+)/is;
const FORMAT = /Unsupported model IR version: (\d+), max supported IR version: (\d+)/;
const UNKNOWN = [
  /No Op registered for (?<operator>\w+) with domain_version of (?<set>-?\d+)/,
  /(?<operator>[\w.]+:\w+)\(-?\d+\) is not a registered function\/op/,
];
const ATTRIBUTE = /Unrecognized attribute: (\S+) for operator (\w+)/;
const INPUTS = /Node[^.]* with schema\(([\w.]*)::(\w+):\d+\) has (input|output) size (\d+) not in range/;
const OTHERS = /\b(?:CUDA|TensorRT|ROCm|MIGraphX|DirectML|DML|QNN|OpenVINO|CoreML)\b/i;

/** @returns undefined where the message does not say that anything else would do */
export function needOf(message: string, context: Context): Need | undefined {
  return otherProvider(message, context) ?? newerRuntime(message, context);
}

function otherProvider(message: string, { provider, ...gaps }: Context): Need | undefined {
  const [, named = ''] = ONLY_ON.exec(message) ?? [];
  if (provider === 'wasm') {
    if (/\bwebgpu\b/i.test(named)) return { code: 'WEBGPU_NEEDED', sentence: say('engine.needsWebGpu', gaps) };
    const [, operator] = NO_KERNEL.exec(message) ?? [];
    if (operator !== undefined)
      return { code: 'WEBGPU_NEEDED', sentence: say('engine.needsKernel', { ...gaps, operator }) };
  } else if (NOT_ON_WEBGPU.test(message) || /\bcpu\b/i.test(named))
    return { code: 'MODEL_UNSUPPORTED', sentence: say('engine.needsWasm', gaps) };
  const [other] = OTHERS.exec(named) ?? [];
  if (other === undefined) return undefined;
  return { code: 'MODEL_UNSUPPORTED', sentence: say('engine.needsOther', { ...gaps, provider: other }) };
}

function newerRuntime(message: string, { file, version }: Context): Need | undefined {
  const need = (sentence: string): Need => ({ code: 'MODEL_UNSUPPORTED', sentence });
  const set = OPERATOR_SET.exec(message);
  if (set) {
    const [, wanted = '', domain = '', most = ''] = set;
    return need(say('engine.needsOperatorSet', { file, version, wanted, domain, most }));
  }
  const format = FORMAT.exec(message);
  if (format) return need(say('engine.needsFormat', { file, version, wanted: format[1] ?? '', most: format[2] ?? '' }));
  for (const pattern of UNKNOWN) {
    const found = pattern.exec(message);
    if (found) return need(say('engine.needsOperator', { file, version, operator: found.groups?.['operator'] ?? '' }));
  }
  const attribute = ATTRIBUTE.exec(message);
  if (attribute) {
    const [, name = '', operator = ''] = attribute;
    return need(say('engine.needsAttribute', { file, version, operator, name }));
  }
  const inputs = INPUTS.exec(message);
  if (!inputs) return undefined;
  const [, , operator = '', side = '', count = ''] = inputs;
  return need(say('engine.needsInputs', { file, version, operator, side, count }));
}
