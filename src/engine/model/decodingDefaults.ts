/** What the decoding settings begin with for a model. */
import { readGenerationConfig } from '../../config/generationConfig';
import { isSetting, SETTING_LIMITS, type DecodingSettings, type SettingName } from '../../protocol/decodingSettings';

/** A model's own number where the setting can have it, else the one that `transformers` generates with. */
function said(name: SettingName, value: number | undefined, otherwise: number): number {
  return value !== undefined && isSetting(name, value) ? value : otherwise;
}

/** A model's own number, brought within what the setting can be. */
function within(name: SettingName, value: number): number {
  const { least, most } = SETTING_LIMITS[name];
  return Math.min(Math.max(least, value), most);
}

/**
 * The settings of the model's generation_config.json, with the usual values where it has none. They draw nothing until
 * the user wants it: what is shown first can be repeated.
 * @param maxNewTokens how many tokens the model writes at most where nothing is set
 */
export function decodingDefaults(
  config: unknown,
  generation: unknown,
  maxNewTokens: number,
): Required<DecodingSettings> {
  const wishes = readGenerationConfig(config, generation);
  return {
    doSample: false,
    temperature: said('temperature', wishes.temperature, 1),
    topK: within('topK', wishes.topK ?? 50),
    topP: said('topP', wishes.topP, 1),
    minP: said('minP', wishes.minP, 0),
    repetitionPenalty: within('repetitionPenalty', wishes.repetitionPenalty),
    noRepeatNgram: within('noRepeatNgram', wishes.noRepeatNgram),
    minNewTokens: within('minNewTokens', wishes.minNewTokens),
    seed: 0,
    numBeams: within('numBeams', wishes.beams),
    lengthPenalty: said('lengthPenalty', wishes.lengthPenalty, 1),
    earlyStopping: wishes.earlyStopping,
    maxNewTokens: within('maxNewTokens', maxNewTokens),
    forcedFirst: said('forcedFirst', wishes.forcedFirst, -1),
    suppressed: wishes.suppressed.filter((id) => id >= 0 && isSetting('forcedFirst', id)),
  };
}
