/**
 * How the next token is chosen: the settings that a user may make, by the names that generation_config.json has for them.
 * One schema, from which the type comes; what each number may be is in `SETTING_LIMITS`.
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
  seed: { least: 0, most: 0xffff_ffff, whole: true },
  /** Each beam is a pass a step, and has a cache of its own. */
  numBeams: { least: 1, most: 20, whole: true },
  lengthPenalty: { least: -10, most: 10, whole: false },
  repetitionPenalty: { least: 0.01, most: 100, whole: false },
  noRepeatNgram: { least: 0, most: 100, whole: true },
  minNewTokens: { least: 0, most: 100_000, whole: true },
  maxNewTokens: { least: 1, most: 100_000, whole: true },
  /** A token's id; -1 for none. */
  forcedFirst: { least: -1, most: 0xff_ffff, whole: true },
} as const satisfies Readonly<Record<string, SettingLimits>>;

export type SettingName = keyof typeof SETTING_LIMITS;
export const SETTING_NAMES = Object.keys(SETTING_LIMITS) as readonly SettingName[];

/** A model's own list may be as long (`config/generationConfig.ts`). */
const MOST_SUPPRESSED = 100_000;

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
const tokenId = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(SETTING_LIMITS.forcedFirst.most));

/** What may be left out is then as the model has it; earlier versions kept none of that. */
export const decodingSettings = v.pipe(
  v.object({
    doSample: v.boolean(),
    temperature: setting('temperature'),
    topK: setting('topK'),
    topP: setting('topP'),
    minP: setting('minP'),
    seed: setting('seed'),
    /** One beam where it is left out. */
    numBeams: v.exactOptional(setting('numBeams')),
    lengthPenalty: v.exactOptional(setting('lengthPenalty')),
    earlyStopping: v.exactOptional(v.union([v.boolean(), v.literal('never')])),
    repetitionPenalty: setting('repetitionPenalty'),
    noRepeatNgram: setting('noRepeatNgram'),
    minNewTokens: setting('minNewTokens'),
    maxNewTokens: v.exactOptional(setting('maxNewTokens')),
    forcedFirst: v.exactOptional(setting('forcedFirst')),
    /** Tokens that never come. */
    suppressed: v.exactOptional(v.pipe(v.array(tokenId), v.maxLength(MOST_SUPPRESSED), v.readonly())),
  }),
  // A search draws nothing.
  v.check(({ doSample, numBeams = 1 }) => !doSample || numBeams === 1),
  v.readonly(),
);
export type DecodingSettings = v.InferOutput<typeof decodingSettings>;

/** True where several texts are kept at each step. */
export const hasBeams = (settings: DecodingSettings | null | undefined): boolean => (settings?.numBeams ?? 1) > 1;
