/** Which places of a text the logit lens shows: a page of them at a time. */
import { outputSequence } from '../../../src/attention/sequences';
import type { SequenceName } from '../../../src/attention/types';
import type { ExplanationSnapshot } from '../../../src/protocol/panel';

/** Places on a page. */
export const LENS_PLACES = 24;

/** The sequence that the lens reads: what the model writes, or what an encoder alone reads. */
export const lensSequence = (snapshot: ExplanationSnapshot | null): SequenceName =>
  outputSequence(snapshot?.model?.family);

/** The first place of the page that holds `from`; of the last page where the text is shorter. */
export function lensPage(from: number, length: number): number {
  const last = Math.max(0, Math.ceil(length / LENS_PLACES) - 1);
  return LENS_PLACES * Math.min(last, Math.floor(from / LENS_PLACES));
}
