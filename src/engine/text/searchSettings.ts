/** The settings of a beam search, from those that a user has made. */
import { hasBeams, type DecodingSettings } from '../../protocol/decodingSettings';
import type { BeamSettings } from '../../transformer/decoding/beamSearch';

export type SearchSettings = DecodingSettings & Required<BeamSettings>;

/** Undefined where one text is written, token by token. What is left out is as `transformers` has it. */
export function searchSettings(decoding: DecodingSettings | undefined): SearchSettings | undefined {
  if (!decoding || !hasBeams(decoding)) return undefined;
  const { numBeams = 1, lengthPenalty = 1, earlyStopping = false } = decoding;
  return { ...decoding, numBeams, lengthPenalty, earlyStopping };
}
