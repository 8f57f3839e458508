/** Names what was found, layer by layer, and holds it against what config.json says: a wrong count means that something else was found. */
import type { AttentionKind } from '../../attention/types';
import { expect, type Expected } from './expectedCounts';
import { cachedHeads } from './heads';
import { placesOf } from './places';
import type { Model } from '../graph/onnxFile';
import { TapRefused } from '../refusal';
import type { TapOutput } from '../types';
import { siteOf, type Found, type Site, type Survey } from './sites';

/** Attention with its name: kind and layer, and its heads. */
export interface Labelled {
  readonly found: Found;
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
export function label(report: Survey, model: Model, config: unknown): Labelled[] {
  const cached = cachedHeads(model.graph);
  const tallies = tally(report, model, config);
  const counts: Record<AttentionKind, number> = { encoder: 0, decoder: 0, cross: 0 };
  const labelled = report.found.map((found): Labelled => {
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

function tally(report: Survey, model: Model, config: unknown): Tallies {
  const of = (kind: AttentionKind): Tally => {
    const count = report.found.filter((found) => siteOf(found).kind === kind).length;
    const expected = expect(config, kind);
    return { count, expected, places: placesOf(count, expected, model.graph) };
  };
  return { encoder: of('encoder'), decoder: of('decoder'), cross: of('cross') };
}

function reconcileLayers({ encoder, decoder, cross }: Tallies, report: Survey): void {
  const titles = report.found
    .map(siteOf)
    .map(({ node, kind }) => ({ node: node.title, operator: node.op, reason: `looked like ${kind} attention` }));
  for (const [kind, { count, expected, places }] of Object.entries({ encoder, decoder, cross })) {
    const { layers } = expected;
    if (count === 0 || places || layers.includes(count)) continue;
    const said =
      layers.length > 0 ? `config.json says ${layers.join(' or ')}` : 'config.json does not say how many there are';
    throw new TapRefused(
      'COUNT_MISMATCH',
      `The model shows ${count} layers of ${kind} attention, but ${said}; as it cannot be told which they are, none is shown.`,
      [...titles, ...report.rejected],
    );
  }
  const counts: Readonly<Record<AttentionKind, number>> = {
    encoder: encoder.count,
    decoder: decoder.count,
    cross: cross.count,
  };
  const missing = report.required.filter((kind) => counts[kind] === 0);
  if (missing.length > 0) {
    throw new TapRefused(
      'COUNT_MISMATCH',
      `The model has an encoder and a decoder, but no ${missing.join(' or ')} attention was recognised in this file, so none is shown.`,
      [...titles, ...report.rejected],
    );
  }
  if (counts.cross > 0 && counts.decoder > 0 && counts.cross !== counts.decoder) {
    throw new TapRefused(
      'COUNT_MISMATCH',
      `The decoder shows ${counts.decoder} layers of its own attention but ${counts.cross} of cross-attention, so none is shown.`,
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
      `The model's graph has ${site.heads} heads where config.json says ${expected.heads.join(' or ')}, so none is shown.`,
      [{ node: site.node.title, operator: site.node.op, reason: `${site.heads} heads` }, ...report.rejected],
    );
  }
  const [only = 0] = expected.heads.length === 1 ? expected.heads : [];
  const heads = site.heads > 0 ? site.heads : only;
  const candidates = [site.kvHeads, kind === 'decoder' ? cached : 0, kind === 'cross' ? 0 : expected.kvHeads];
  const kvHeads = candidates.find((count) => count > 0 && count <= heads && heads % count === 0) ?? heads;
  return { heads, kvHeads };
}
