/**
 * How the next token is chosen: the settings that a user may make, by the names that generation_config.json has for them.
 * One schema, from which the type comes; what each may be is in `SETTING_LIMITS`.
 */
import * as v from 'valibot';

/** What a number may be, both ends included; `whole` ones have no fraction. */
export interface SettingLimits {
  readonly least: number;
  readonly most: number;
  readonly whole: boolean;
}

export const SETTING_LIMITS = {
  temperature: { least: 0.01, most: 100, whole: false },
  topK: { least: 0, most: 1_000_000, whole: true },
  topP: { least: 0.001, most: 1, whole: false },
  minP: { least: 0, most: 1, whole: false },
  repetitionPenalty: { least: 0.01, most: 100, whole: false },
  noRepeatNgram: { least: 0, most: 100, whole: true },
  minNewTokens: { least: 0, most: 100_000, whole: true },
  seed: { least: 0, most: 0xffff_ffff, whole: true },
} as const satisfies Readonly<Record<string, SettingLimits>>;

export type SettingName = keyof typeof SETTING_LIMITS;
export const SETTING_NAMES = Object.keys(SETTING_LIMITS) as readonly SettingName[];

/** True for a number that the setting may have. */
export function isSetting(name: SettingName, value: number): boolean {
  const { least, most, whole: isWhole } = SETTING_LIMITS[name];
  return value >= least && value <= most && (!isWhole || Number.isInteger(value));
}

const setting = (name: SettingName) =>
  v.pipe(
    v.number(),
    v.check((value) => isSetting(name, value)),
  );

export const decodingSettings = v.pipe(
  v.object({
    doSample: v.boolean(),
    temperature: setting('temperature'),
    topK: setting('topK'),
    topP: setting('topP'),
    minP: setting('minP'),
    repetitionPenalty: setting('repetitionPenalty'),
    noRepeatNgram: setting('noRepeatNgram'),
    minNewTokens: setting('minNewTokens'),
    seed: setting('seed'),
  }),
  v.readonly(),
);
export type DecodingSettings = v.InferOutput<typeof decodingSettings>;
