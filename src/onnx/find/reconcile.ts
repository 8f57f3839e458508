/** Names what was found, layer by layer, and holds it against what config.json says: a wrong count means that something else was found. */
import type { AttentionKind } from '../../attention/types';
import { expect, type Expected } from './expectedCounts';
import { cachedHeads } from './heads';
import { placesOf } from './layerPlaces';
import type { OnnxModel } from '../graph/onnxFile';
import { TapRefused } from '../refusal';
import type { TapOutput } from '../types';
import { siteOf, type FoundAttention, type Site, type Survey } from './sites';
import { anyOf } from '../../text/listInSentence';
import { say } from '../../text/say';

/** Attention with its name: kind and layer, and its heads. */
export interface NamedAttention {
  readonly found: FoundAttention;
  readonly kind: AttentionKind;
  /** Among the layers of its kind that have attention. */
  readonly layer: number;
  /** Its place among all layers of the model and how many those are, where some have no attention. */
  readonly among: TapOutput['among'];
  readonly label: string;
  readonly heads: number;
  readonly kvHeads: number;
}

/** What is known of one kind: how many layers were found, what the config says, and where they are among all. */
interface Tally {
  readonly count: number;
  readonly expected: Expected;
  readonly places: readonly number[] | undefined;
}

type Tallies = Readonly<Record<AttentionKind, Tally>>;

/**
 * Counts layers by order, and reconciles layers and heads with the config.
 * @throws TapRefused COUNT_MISMATCH
 */
export function label(report: Survey, model: OnnxModel, config: unknown): NamedAttention[] {
  const cached = cachedHeads(model.graph);
  const tallies = tally(report, model, config);
  const counts: Record<AttentionKind, number> = { encoder: 0, decoder: 0, cross: 0 };
  const labelled = report.found.map((found): NamedAttention => {
    const site = siteOf(found);
    const { kind } = site;
    if (kind === 'unknown') throw new Error('unknown kinds are refused before');
    const { expected, places } = tallies[kind];
    const layer = counts[kind]++;
    const { heads, kvHeads } = reconcileHeads(site, kind, cached, expected, report);
    const place = places?.[layer];
    const among = place === undefined ? undefined : { place, all: expected.all };
    return { found, kind, layer, among, label: `${kind}_attentions.${layer}`, heads, kvHeads };
  });
  if (config !== undefined) reconcileLayers(tallies, report);
  return labelled;
}

function tally(report: Survey, model: OnnxModel, config: unknown): Tallies {
  const of = (kind: AttentionKind): Tally => {
    const count = report.found.filter((found) => siteOf(found).kind === kind).length;
    const expected = expect(config, kind);
    return { count, expected, places: placesOf(count, expected, model.graph) };
  };
  return { encoder: of('encoder'), decoder: of('decoder'), cross: of('cross') };
}

function reconcileLayers({ encoder, decoder, cross }: Tallies, report: Survey): void {
  const titles = report.found.map(siteOf).map(({ node, kind }) => ({
    node: node.title,
    operator: node.op,
    reason: say('onnx.reason.lookedLike', { kind }),
  }));
  for (const [kind, { count, expected, places }] of Object.entries({ encoder, decoder, cross })) {
    const { layers } = expected;
    if (count === 0 || places || layers.includes(count)) continue;
    const sentence =
      layers.length > 0
        ? say('onnx.layersDiffer', { count, kind, wanted: anyOf(layers) })
        : say('onnx.layersUnsaid', { count, kind });
    throw new TapRefused('COUNT_MISMATCH', sentence, [...titles, ...report.rejected]);
  }
  const counts: Readonly<Record<AttentionKind, number>> = {
    encoder: encoder.count,
    decoder: decoder.count,
    cross: cross.count,
  };
  const missing = report.required.filter((kind) => counts[kind] === 0);
  if (missing.length > 0) {
    throw new TapRefused('COUNT_MISMATCH', say('onnx.kindsMissing', { kinds: anyOf(missing) }), [
      ...titles,
      ...report.rejected,
    ]);
  }
  if (counts.cross > 0 && counts.decoder > 0 && counts.cross !== counts.decoder) {
    throw new TapRefused(
      'COUNT_MISMATCH',
      say('onnx.decoderLayersDiffer', { own: counts.decoder, cross: counts.cross }),
      [...titles, ...report.rejected],
    );
  }
}

function reconcileHeads(
  site: Site,
  kind: AttentionKind,
  cached: number,
  expected: Expected,
  report: Survey,
): { heads: number; kvHeads: number } {
  if (site.heads > 0 && expected.heads.length > 0 && !expected.heads.includes(site.heads)) {
    throw new TapRefused(
      'COUNT_MISMATCH',
      say('onnx.headsDiffer', { heads: site.heads, wanted: anyOf(expected.heads) }),
      [
        { node: site.node.title, operator: site.node.op, reason: say('onnx.reason.heads', { heads: site.heads }) },
        ...report.rejected,
      ],
    );
  }
  const [only = 0] = expected.heads.length === 1 ? expected.heads : [];
  const heads = site.heads > 0 ? site.heads : only;
  const candidates = [site.kvHeads, kind === 'decoder' ? cached : 0, kind === 'cross' ? 0 : expected.kvHeads];
  const kvHeads = candidates.find((count) => count > 0 && count <= heads && heads % count === 0) ?? heads;
  return { heads, kvHeads };
}
