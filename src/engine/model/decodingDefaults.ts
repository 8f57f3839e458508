/** What the decoding settings begin with for a model. */
import { readGenerationConfig } from '../../config/generationConfig';
import { SETTING_LIMITS, type DecodingSettings, type SettingName } from '../../protocol/decodingSettings';

/** A model's own number, brought within what the setting can be. */
function within(name: SettingName, value: number): number {
  const { least, most } = SETTING_LIMITS[name];
  return Math.min(Math.max(least, value), most);
}

/**
 * The settings of the model's generation_config.json, with the usual values where it has none. They draw nothing until
 * the user wants it: what is shown first can be repeated.
 */
export function decodingDefaults(config: unknown, generation: unknown): DecodingSettings {
  const wishes = readGenerationConfig(config, generation);
  return {
    doSample: false,
    temperature: wishes.temperature,
    topK: within('topK', wishes.topK),
    topP: wishes.topP,
    minP: wishes.minP,
    repetitionPenalty: within('repetitionPenalty', wishes.repetitionPenalty),
    noRepeatNgram: within('noRepeatNgram', wishes.noRepeatNgram),
    minNewTokens: within('minNewTokens', wishes.minNewTokens),
    seed: 0,
  };
}
