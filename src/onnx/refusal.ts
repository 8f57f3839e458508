/** Why a model's attention is not shown. */
import { ExplainError, type ErrorCode } from '../errors';
import { siteOf, type Survey } from './find/sites';
import type { RejectedNode } from './types';
import { say } from '../text/say';

/** A refusal with what is needed to report it. */
export class TapRefused extends ExplainError {
  constructor(
    code: ErrorCode,
    message: string,
    readonly rejected: readonly RejectedNode[],
    extra: readonly string[] = [],
  ) {
    const nodes = rejected.slice(0, MAX_LISTED).map(({ node, operator, reason }) => `${operator} ${node}: ${reason}`);
    const more = rejected.length - nodes.length;
    super(code, message, {
      detail: [...extra.slice(0, MAX_LISTED), ...nodes, ...(more > 0 ? [say('onnx.andMore', { more })] : [])].join(
        '\n',
      ),
    });
  }
}

/** Nodes that a report lists at most: people read it. */
const MAX_LISTED = 200;

/** @throws TapRefused where nothing was found, or something that cannot be named or brought out */
export function refuseUnknown(report: Survey): void {
  const { found, rejected, fused, mismatched } = report;
  const all = [...fused, ...rejected];
  if (fused.length > 0) {
    throw new TapRefused(
      'FUSED_VARIANT_UNSUPPORTED',
      say('onnx.fusedUnknown', { reason: fused[0]?.reason ?? '' }),
      all,
    );
  }
  if (mismatched.length > 0) {
    throw new TapRefused('BRANCH_MISMATCH', say('onnx.branchesDiffer'), all, mismatched);
  }
  if (found.length === 0) {
    const layout = rejected.filter(({ why }) => why === 'layout');
    const [first] = layout;
    if (first) {
      throw new TapRefused('LAYOUT_UNSUPPORTED', say('onnx.notAMap', { reason: first.reason }), all);
    }
    throw new TapRefused('NO_ATTENTION_FOUND', say('onnx.noAttention'), all);
  }
  const unknown = found.map(siteOf).filter(({ kind }) => kind === 'unknown');
  if (unknown.length > 0) {
    throw new TapRefused('KIND_UNKNOWN', say('onnx.kindUnknown'), [
      ...unknown.map(({ node }) => ({
        node: node.title,
        operator: node.op,
        reason: say('onnx.reason.otherSources'),
      })),
      ...all,
    ]);
  }
}
