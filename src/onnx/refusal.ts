/** Why a model's attention is not shown. */
import { ExplainError, type ErrorCode } from '../errors';
import { siteOf, type Survey } from './find/sites';
import type { RejectedNode } from './types';

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
      detail: [...extra.slice(0, MAX_LISTED), ...nodes, ...(more > 0 ? [`and ${more} more`] : [])].join('\n'),
    });
  }
}

/** A report is read by people. */
const MAX_LISTED = 200;

/** @throws TapRefused where nothing was found, or something that cannot be named or brought out */
export function refuseUnknown(report: Survey): void {
  const { found, rejected, fused, mismatched } = report;
  const all = [...fused, ...rejected];
  if (fused.length > 0) {
    throw new TapRefused(
      'FUSED_VARIANT_UNSUPPORTED',
      `The model uses fused attention that cannot be looked into (${fused[0]?.reason ?? ''}). Choose an export without fused attention.`,
      all,
    );
  }
  if (mismatched.length > 0) {
    throw new TapRefused(
      'BRANCH_MISMATCH',
      'The two branches of the merged decoder do not show the same attention. Choose an export with separate decoder files.',
      all,
      mismatched,
    );
  }
  if (found.length === 0) {
    const layout = rejected.filter(({ why }) => why === 'layout');
    const [first] = layout;
    if (first) {
      throw new TapRefused(
        'LAYOUT_UNSUPPORTED',
        `The model's attention is not a map of queries to keys (${first.reason}), so it cannot be shown.`,
        all,
      );
    }
    throw new TapRefused(
      'NO_ATTENTION_FOUND',
      'No attention was found in the model: no softmax stands between queries, keys and values.',
      all,
    );
  }
  const unknown = found.map(siteOf).filter(({ kind }) => kind === 'unknown');
  if (unknown.length > 0) {
    throw new TapRefused(
      'KIND_UNKNOWN',
      "It cannot be told whose attention the model's layers show (its own tokens' or the encoder's), so none is shown.",
      [
        ...unknown.map(({ node }) => ({
          node: node.title,
          operator: node.op,
          reason: 'its queries and keys are projected from different tensors',
        })),
        ...all,
      ],
    );
  }
}
