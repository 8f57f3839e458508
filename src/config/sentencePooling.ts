/**
 * How a sentence embedder makes one vector of its tokens' states: `1_Pooling/config.json`, which sentence-transformers writes beside the
 * model. Source: sentence_transformers/models/Pooling.py.
 */
import { asObject } from '../json/fields';

/** The mean over all tokens, or the state of the first (`[CLS]`) or the last one. */
export type StatePooling = 'mean' | 'first' | 'last';

export const POOLING_FILE = '1_Pooling/config.json';

const MODES: Readonly<Record<string, StatePooling>> = {
  pooling_mode_mean_tokens: 'mean',
  pooling_mode_cls_token: 'first',
  pooling_mode_lasttoken: 'last',
};

/** @returns undefined where nothing is said, or a way that is not known; several ways at once count as that */
export function readSentencePooling(value: unknown): StatePooling | undefined {
  const said = asObject(value) ?? {};
  const on = Object.keys(said).filter((name) => name.startsWith('pooling_mode_') && said[name] === true);
  return on.length === 1 ? MODES[on[0] ?? ''] : undefined;
}
