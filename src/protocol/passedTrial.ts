/** A passed self-test as it comes back from storage. */
import * as v from 'valibot';
import { ATTENTION_KINDS } from '../attention/types';
import type { PassedTrial } from './engine';

const count = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(100_000));
const sequence = v.picklist(['source', 'target']);
const schema = v.object({
  key: v.string(),
  kinds: v.array(
    v.object({
      kind: v.picklist(ATTENTION_KINDS),
      layers: count,
      places: v.exactOptional(v.array(count)),
      allLayers: v.exactOptional(count),
      heads: count,
      kvHeads: count,
      queries: sequence,
      keys: sequence,
    }),
  ),
  fillsMasks: v.boolean(),
  notes: v.array(v.string()),
});

/** What was kept; undefined where it is not what is kept. */
export function readPassedTrial(value: unknown): PassedTrial | undefined {
  const parsed = v.safeParse(schema, value);
  return parsed.success ? parsed.output : undefined;
}
