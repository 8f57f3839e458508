/** That a model has passed its self-test, and what the test found out: sent to be kept, and checked when it comes back from storage. */
import * as v from 'valibot';
import { attentionKindInfo, many } from './answers/answerParts';

export const passedTrial = v.object({
  /** Of what this is true: the extension, the model's files, the provider with its adapter, the browser. */
  key: v.string(),
  kinds: many(attentionKindInfo),
  fillsMasks: v.boolean(),
  notes: many(v.string()),
});

export type PassedTrial = Readonly<v.InferOutput<typeof passedTrial>>;

/** What was kept; undefined where it is not what is kept. */
export function readPassedTrial(value: unknown): PassedTrial | undefined {
  const parsed = v.safeParse(passedTrial, value);
  return parsed.success ? parsed.output : undefined;
}
