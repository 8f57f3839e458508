/** One ONNX file: its tap planned, in a session. */
import { ExplainError } from '../errors';
import { planTap, readSignature } from '../onnx/index';
import type { TapPlan } from '../onnx/types';
import type { ModelFiles, ProviderReport } from '../protocol/engine';
import { presentOutputs } from '../transformer/cache';
import type { TappedGraph } from '../transformer/capture';
import { findExternalData, isCut, type GraphFile } from './modelFiles';
import { createSession } from './ortSession';

export interface LoadedGraph extends TappedGraph {
  readonly file: GraphFile;
  readonly plan: TapPlan;
}

function plan(file: GraphFile, config: unknown): TapPlan {
  try {
    return planTap(file.bytes, file.role, config);
  } catch (thrown) {
    if (thrown instanceof ExplainError && thrown.code === 'ONNX_INVALID' && isCut(file.bytes)) {
      throw new ExplainError('MODEL_FILE_CUT', `The model’s file ${file.path} is cut off after ${file.bytes.length} bytes; get it again.`, thrown.detail === undefined ? {} : { detail: thrown.detail });
    }
    if (thrown instanceof ExplainError) throw new ExplainError(thrown.code, thrown.message, { detail: [file.path, thrown.detail ?? ''].join('\n'), cause: thrown });
    throw thrown;
  }
}

/** int8 graphs give wrong numbers on the WebGPU provider (onnxruntime issues 32578, 32730): the CPU provider runs them. */
export function providerFor(file: GraphFile, provider: ProviderReport['provider']): ProviderReport['provider'] {
  return provider === 'webgpu' && /^(?:quantized|int8|uint8)$/.test(file.precision) ? 'wasm' : provider;
}

/** @throws ExplainError of the tap, of missing or cut files, of the runtime */
export async function loadGraph(file: GraphFile, files: ModelFiles, config: unknown, provider: ProviderReport['provider']): Promise<LoadedGraph> {
  const tap = plan(file, config);
  const signature = readSignature(file.bytes);
  const outputNames = signature.outputs.map((output) => output.name);
  const session = await createSession(tap.assemble(), {
    provider: providerFor(file, provider),
    externalData: findExternalData(files, file, tap.externalData),
    disabledOptimizers: tap.disabledOptimizers,
    inputs: signature.inputs,
    onDevice: presentOutputs({ outputNames }).map((present) => present.name),
  });
  return { session, taps: tap.outputs, file, plan: tap };
}
