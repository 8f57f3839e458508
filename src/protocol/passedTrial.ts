/** That a model has passed its self-test, and what the test found out: sent to be kept, and checked when it comes back from storage. */
import * as v from 'valibot';
import { ATTENTION_KINDS } from '../attention/types';

const count = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(100_000));
const sequence = v.picklist(['source', 'target']);
export const passedTrial = v.object({
  /** Of what this is true: the extension, the model's files, the provider with its adapter, the browser. */
  key: v.string(),
  kinds: v.pipe(
    v.array(
      v.object({
        kind: v.picklist(ATTENTION_KINDS),
        layers: count,
        places: v.exactOptional(v.pipe(v.array(count), v.readonly())),
        allLayers: v.exactOptional(count),
        heads: count,
        kvHeads: count,
        queries: sequence,
        keys: sequence,
      }),
    ),
    v.readonly(),
  ),
  fillsMasks: v.boolean(),
  notes: v.pipe(v.array(v.string()), v.readonly()),
});

export type PassedTrial = Readonly<v.InferOutput<typeof passedTrial>>;

/** What was kept; undefined where it is not what is kept. */
export function readPassedTrial(value: unknown): PassedTrial | undefined {
  const parsed = v.safeParse(passedTrial, value);
  return parsed.success ? parsed.output : undefined;
}
