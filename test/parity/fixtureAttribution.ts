/** Where a logit of a fixture comes from, out of its probe: the graph's own weights, and what the probe of attributions brings out. */
import type { AttributedKind, AttributedRest } from '../../src/attention/types';
import { partsTotal, throughKeys } from '../../src/measure/attribution/attributedKeys';
import { attribution, ATTRIBUTION_PARTS } from '../../src/onnx/probe/attribution/attributionParts';
import { stageProbe } from '../../src/onnx/probe/stageProbe';
import type { Level } from './compare';
import type { Fixture } from './fixture';
import { runProbes, type ProbeSettings } from './probeRun';

export interface FixtureAttribution {
  /** Of each layer by itself, in the order of the graph. */
  readonly kinds: readonly (AttributedKind & { readonly layer: number })[];
  readonly rest: AttributedRest;
  readonly logit: number;
  /** How large all parts are together, without their signs. */
  readonly size: number;
}

export async function attributionOf(
  fixture: Fixture,
  read: NonNullable<ProbeSettings['read']>,
  level: Level = 'all',
): Promise<FixtureAttribution> {
  const { results } = await runProbes(fixture, {
    level,
    read,
    wishes: { probes: [attribution, (anatomy, prefix) => stageProbe(anatomy, 'weights', prefix)], gates: false },
  });
  const byPart = (part: keyof typeof ATTRIBUTION_PARTS): typeof results =>
    results
      .filter(({ measure }) => measure === ATTRIBUTION_PARTS[part])
      .sort((a, b) => a.kind.localeCompare(b.kind) || a.layer - b.layer);
  const numbersOf = (part: keyof typeof ATTRIBUTION_PARTS): number[] => byPart(part).map(({ data }) => data[0] ?? NaN);
  const kinds = byPart('keys').map(({ kind, layer, dims, data }) => {
    const [, heads = 0, stride = 0] = dims;
    const maps = results.find((one) => one.measure === 'weights' && one.kind === kind && one.layer === layer);
    if (!maps) throw new Error(`${kind} ${layer}: its weights are not there`);
    const [queries = 0, keys = 0] = maps.dims.slice(-2);
    const rows = Float32Array.from({ length: heads * keys }, (_, at) => {
      const head = Math.floor(at / keys);
      return maps.data[(head * queries + read.row) * keys + (at % keys)] ?? NaN;
    });
    return { kind, layer, layers: 1, heads, keys, values: throughKeys(rows, [data], { heads, keys, stride }) };
  });
  const known = {
    embeddings: numbersOf('start')[0] ?? NaN,
    feedForward: Float32Array.from(numbersOf('feedForward')),
    constants: [...numbersOf('constants'), ...numbersOf('end')].reduce((sum, one) => sum + one, 0),
  };
  const logit = numbersOf('logit')[0] ?? NaN;
  const { sum, size } = partsTotal(kinds, known);
  return { kinds, rest: { ...known, rounding: logit - sum }, logit, size };
}
