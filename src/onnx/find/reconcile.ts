/** Names what was found, layer by layer, and holds it against what config.json says: a wrong count means that something else was found. */
import type { AttentionKind } from '../../attention/types';
import { expect } from './expectedCounts';
import { cachedHeads } from './heads';
import type { Model } from '../graph/onnxFile';
import { TapRefused } from '../refusal';
import { siteOf, type Found, type Site, type Survey } from './sites';

/** Attention with its name: kind and layer, and its heads. */
export interface Labelled {
  readonly found: Found;
  readonly kind: AttentionKind;
  readonly layer: number;
  readonly label: string;
  readonly heads: number;
  readonly kvHeads: number;
}

/**
 * Counts layers by order, and reconciles layers and heads with the config.
 * @throws TapRefused COUNT_MISMATCH
 */
export function label(report: Survey, model: Model, config: unknown): Labelled[] {
  const counts: Record<AttentionKind, number> = { encoder: 0, decoder: 0, cross: 0 };
  const cached = cachedHeads(model.graph);
  const labelled = report.found.map((found): Labelled => {
    const site = siteOf(found);
    if (site.kind === 'unknown') throw new Error('unknown kinds are refused before');
    const { kind } = site;
    const layer = counts[kind]++;
    const { heads, kvHeads } = reconcileHeads(site, kind, cached, config, report);
    return { found, kind, layer, label: `${kind}_attentions.${layer}`, heads, kvHeads };
  });
  if (config !== undefined) reconcileLayers(counts, config, report);
  return labelled;
}

function reconcileLayers(counts: Readonly<Record<AttentionKind, number>>, config: unknown, report: Survey): void {
  const titles = report.found
    .map(siteOf)
    .map(({ node, kind }) => ({ node: node.title, operator: node.op, reason: `taken as ${kind} attention` }));
  for (const kind of ['encoder', 'decoder', 'cross'] as const) {
    if (counts[kind] === 0) continue;
    const { layers } = expect(config, kind);
    if (!layers.includes(counts[kind])) {
      const said =
        layers.length > 0 ? `config.json says ${layers.join(' or ')}` : 'config.json does not say how many there are';
      throw new TapRefused(
        'COUNT_MISMATCH',
        `The model shows ${counts[kind]} layers of ${kind} attention, but ${said}; as it cannot be told which they are, none is shown.`,
        [...titles, ...report.rejected],
      );
    }
  }
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
  config: unknown,
  report: Survey,
): { heads: number; kvHeads: number } {
  const expected = expect(config, kind);
  if (site.heads > 0 && expected.heads.length > 0 && !expected.heads.includes(site.heads)) {
    throw new TapRefused(
      'COUNT_MISMATCH',
      `The model's graph has ${site.heads} heads where config.json says ${expected.heads.join(' or ')}, so none is shown.`,
      [{ node: site.node.title, operator: site.node.op, reason: `${site.heads} heads` }, ...report.rejected],
    );
  }
  const [only, ...others] = expected.heads;
  const heads = site.heads > 0 ? site.heads : only !== undefined && others.length === 0 ? only : 0;
  const candidates = [site.kvHeads, kind === 'decoder' ? cached : 0, kind === 'cross' ? 0 : expected.kvHeads];
  const kvHeads = candidates.find((count) => count > 0 && count <= heads && heads % count === 0) ?? heads;
  return { heads, kvHeads };
}
