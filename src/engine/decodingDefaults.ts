/** What the decoding settings begin with for a model. */
import { readGenerationConfig } from '../config/generationConfig';
import type { DecodingSettings } from '../protocol/decodingSettings';

const within = (value: number, most: number): number => Math.min(Math.max(0, value), most);

/**
 * The settings of the model's generation_config.json, with the usual values where it has none. They draw nothing until
 * the user wants it: what is shown first can be repeated.
 */
export function decodingDefaults(config: unknown, generation: unknown): DecodingSettings {
  const wishes = readGenerationConfig(config, generation);
  return {
    doSample: false,
    temperature: wishes.temperature,
    topK: within(wishes.topK, 1_000_000),
    topP: wishes.topP,
    minP: wishes.minP,
    repetitionPenalty: Math.min(Math.max(0.01, wishes.repetitionPenalty), 100),
    noRepeatNgram: within(wishes.noRepeatNgram, 100),
    minNewTokens: within(wishes.minNewTokens, 100_000),
    seed: 0,
  };
}
