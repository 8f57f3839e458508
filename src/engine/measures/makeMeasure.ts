/** Makes a measure of a text as it stands: a further pass over it with a probe in the graph, and what follows from that. */
import { contentOf, type Content } from '../../attention/content';
import type { KindWeights } from '../../attention/attentionNumbers';
import { MeasuredStore, type MeasuredKind } from '../../attention/measuredStore';
import type { AttentionStore } from '../../attention/attentionStore';
import type { AttentionKind, KindInfo, ProbedMeasure, Token } from '../../attention/types';
import type { MeasureReport, TextProbeAnswer, TextProbeRequest } from '../../protocol/engine';
import { inSlices } from '../macrotask';
import { contributionKind, type MadeKind } from './contributionKind';
import { movedKind } from './movedKind';

/** A measure of the text that an explanation had when it was made. */
export interface MadeMeasure {
  readonly source: readonly Token[];
  readonly target: readonly Token[];
  readonly kinds: ReadonlyMap<AttentionKind, MeasuredKind>;
  readonly report: MeasureReport;
  readonly bytes: number;
}

/** What is asked of the graph for a measure. */
export const probesFor = (measure: ProbedMeasure): TextProbeRequest['probes'] =>
  measure === 'moved' ? ['valueNorms'] : ['contributions'];

export interface MeasuredText {
  readonly source: readonly Token[];
  readonly target: readonly Token[];
  readonly kinds: readonly KindInfo[];
  /** The weights of so many tokens; what was written since is not among them. */
  readonly weights: (of: Content) => AttentionStore;
}

/**
 * @param pass what the probes gave over the same tokens
 * @param told how much of it is done, 0 to 1
 * @throws AbortError
 */
export async function makeMeasure(
  measure: ProbedMeasure,
  { source, target, kinds, weights }: MeasuredText,
  pass: TextProbeAnswer,
  told: (fraction: number) => void,
  signal: AbortSignal | undefined,
): Promise<MadeMeasure> {
  const started = performance.now();
  const of = contentOf(source, target);
  const made = new Map<AttentionKind, MeasuredKind>();
  const reports: MeasureReport['kinds'][number][] = [];
  let bytes = 0;
  for (const [place, info] of kinds.entries()) {
    const { kind } = info;
    const own = (): KindWeights => weights(of).kind(kind);
    const toldOfKind = (fraction: number): void => told((place + fraction) / kinds.length);
    const one = await inSlices<MadeKind<MeasuredKind>>(
      measure === 'moved' ? movedKind(pass, info, own, toldOfKind) : contributionKind(pass, info, own, toldOfKind),
      signal,
    );
    if ('reason' in one) {
      reports.push({ kind, fit: null, reason: one.reason });
      continue;
    }
    made.set(kind, one);
    bytes += one.how === 'layered' ? one.store.bytes : one.factors.reduce((sum, { byteLength }) => sum + byteLength, 0);
    reports.push({ kind, fit: one.fit, reason: '' });
  }
  const milliseconds = pass.milliseconds + performance.now() - started;
  return { source, target, kinds: made, bytes, report: { measure, of, kinds: reports, milliseconds } };
}

/** The measure in place of the weights. */
export const measuredStore = (weights: AttentionStore, { kinds }: MadeMeasure): MeasuredStore =>
  new MeasuredStore(weights, kinds);
