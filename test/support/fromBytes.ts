/** What the product asks of a file that is open, asked of its bytes. */
import { planModel } from '../../src/onnx/edit/tap';
import { openModel } from '../../src/onnx/graph/onnxFile';
import { signatureOf } from '../../src/onnx/graph/signature';
import type { GraphRole, ModelSignature, TapPlan } from '../../src/onnx/types';

/** @throws ExplainError of `openModel` and of `planModel` */
export const planTap = (bytes: Uint8Array, role: GraphRole, config: unknown): TapPlan =>
  planModel(openModel(bytes), role, config);

/** @throws ExplainError of `openModel` */
export const readSignature = (bytes: Uint8Array): ModelSignature => signatureOf(openModel(bytes));
