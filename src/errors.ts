/**
 * The one error type. Every failure that a user can meet has a stable code and one sentence that says
 * what happened and what to do next. Cancelling is not an error: it is an AbortError (see `isAbort`).
 */
import { say } from './text/say';
const ERROR_CODES = [
  // the selection
  'EMPTY_SELECTION',
  'SELECTION_TOO_LARGE',
  'NO_EDITOR',
  'NO_TOKENS',
  'DOCUMENT_CLOSED',
  'DOCUMENT_CHANGED',
  // the model's files
  'MODEL_FILE_MISSING',
  'MODEL_FILE_CUT',
  'MODEL_CONFIG_INVALID',
  'MODEL_UNSUPPORTED',
  'TOKENIZER_MISSING',
  'TOKENIZER_INVALID',
  'TOKENIZER_UNSUPPORTED',
  'ONNX_INVALID',
  'ORT_FORMAT',
  'TOO_LARGE',
  // finding and tapping attention
  'NO_ATTENTION_FOUND',
  'COUNT_MISMATCH',
  'KIND_UNKNOWN',
  'LAYOUT_UNSUPPORTED',
  'BRANCH_MISMATCH',
  'FUSED_VARIANT_UNSUPPORTED',
  'SELFTEST_FAILED',
  'INPUT_UNSUPPORTED',
  // what a task head answers
  'LABELS_MISSING',
  'LABELS_MISMATCH',
  'ANSWER_UNREADABLE',
  'PAIR_NEEDED',
  // running
  'PROVIDER_UNAVAILABLE',
  'WEBGPU_NEEDED',
  'GPU_LOST',
  'OUT_OF_MEMORY',
  'RUN_FAILED',
  'NOT_FINITE',
  'ENGINE_LOST',
  'ENGINE_STUCK',
  'EXPLANATION_GONE',
  'TEXT_CHANGED',
  'NOT_RESTORED',
  'INVALID_REQUEST',
  'INTERNAL',
  // the hub and the model library
  'HUB_OFFLINE',
  'HUB_NOT_FOUND',
  'HUB_GATED',
  'HUB_STALLED',
  'HUB_BUSY',
  'HUB_BAD_RESPONSE',
  'HASH_MISMATCH',
  'DISK_FULL',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** An error as it crosses a message channel. */
export interface ErrorValue {
  readonly code: ErrorCode;
  /** One sentence for the user: what happened, what to do. */
  readonly message: string;
  /** Copyable detail for a report: node names, reasons, sizes. Never the user's text. */
  readonly detail?: string;
}

/** What a file puts into an error (node names of 12 MB, reasons by the thousand) ends here: nobody reads or copies more. */
const LONGEST_MESSAGE = 2_000;
const LONGEST_DETAIL = 100_000;
const LONGEST_LINE = 1_000;

const cut = (text: string, longest: number): string =>
  text.length <= longest ? text : say('errors.cut', { text: text.slice(0, longest), more: text.length - longest });

/** A detail's lines one by one, so that one name of megabytes does not take the place of all the others. */
function cutDetail(detail: string): string {
  const lines = detail.slice(0, 10 * LONGEST_DETAIL).split('\n');
  return cut(lines.map((line) => cut(line, LONGEST_LINE)).join('\n'), LONGEST_DETAIL);
}

/** A failure with a stable code; `message` is shown to the user as it is. */
export class ExplainError extends Error {
  override readonly name = 'ExplainError';
  readonly code: ErrorCode;
  readonly detail: string | undefined;

  constructor(code: ErrorCode, message: string, options: { readonly detail?: string; readonly cause?: unknown } = {}) {
    super(cut(message, LONGEST_MESSAGE), options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.detail = options.detail === undefined ? undefined : cutDetail(options.detail);
  }

  toValue(): ErrorValue {
    return this.detail === undefined
      ? { code: this.code, message: this.message }
      : { code: this.code, message: this.message, detail: this.detail };
  }
}

/** Makes an ExplainError of anything thrown; what is not one already becomes `code` with `message`. */
export function toExplainError(thrown: unknown, code: ErrorCode = 'INTERNAL', message?: string): ExplainError {
  if (thrown instanceof ExplainError) return thrown;
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  return new ExplainError(code, message ?? say('errors.internal', { reason: text }), {
    detail: text,
    cause: thrown,
  });
}

/** True for what an aborted AbortSignal throws. */
export function isAbort(thrown: unknown): boolean {
  return thrown instanceof Error && thrown.name === 'AbortError';
}

export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && (ERROR_CODES as readonly string[]).includes(value);
}
