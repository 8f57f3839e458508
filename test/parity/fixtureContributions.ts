/** Contributions of a fixture, from its probes: the graph's own weights, and what the probe of contributions brings out. */
import { contributions, CONTRIBUTION_PARTS } from '../../src/onnx/probe/contributionParts';
import { stageProbe } from '../../src/onnx/probe/stageProbe';
import { partsFrom } from '../../src/engine/measures/probedParts';
import { contributionsInSteps, type Contributions } from '../../src/measure/contribution/tokenContributions';
import type { AttentionKind } from '../../src/attention/types';
import type { Level } from './compare';
import type { Fixture } from './fixture';
import { runProbes, type ProbeRun } from './probeRun';

export interface FixtureContributions extends Contributions {
  readonly kind: AttentionKind;
  readonly layer: number;
  readonly queries: number;
  readonly keys: number;
}

export async function contributionsOf(
  fixture: Fixture,
  level: Level,
): Promise<{ readonly list: readonly FixtureContributions[]; readonly gaps: ProbeRun['gaps'] }> {
  const { results, gaps } = await runProbes(fixture, {
    level,
    wishes: { probes: [contributions, (anatomy, prefix) => stageProbe(anatomy, 'weights', prefix)], gates: false },
  });
  const list = results
    .filter(({ measure }) => measure === CONTRIBUTION_PARTS.result)
    .map(({ kind, layer, dims }) => {
      const parts = partsFrom(results, kind, layer);
      const maps = results.find((one) => one.measure === 'weights' && one.kind === kind && one.layer === layer);
      if (!parts || !maps) throw new Error(`${kind} ${layer}: its parts are not all there`);
      const queries = dims.at(-2) ?? 0;
      const size = queries * parts.keys;
      const steps = contributionsInSteps(
        parts,
        queries,
        (head) => maps.data.subarray(head * size, (head + 1) * size),
        kind !== 'cross',
      );
      for (;;) {
        const { done, value } = steps.next();
        if (done === true) return { kind, layer, queries, keys: parts.keys, ...value };
      }
    });
  return { list, gaps };
}
