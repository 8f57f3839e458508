/** A number among the decoding settings: its field, and what is wrong with what was typed. */
import { isSetting, SETTING_LIMITS, type SettingName } from '../../../src/protocol/decodingSettings';
import { say, type PlainKey } from '../../../src/text/say';
import { el } from '../../dom';
import { newId } from '../view';

/** What a setting is called, and what it does in a sentence. */
const WORDS: Readonly<Record<SettingName, { readonly name: PlainKey; readonly about: PlainKey }>> = {
  temperature: { name: 'webview.decoding.temperature', about: 'webview.decoding.aboutTemperature' },
  topK: { name: 'webview.decoding.topK', about: 'webview.decoding.aboutTopK' },
  topP: { name: 'webview.decoding.topP', about: 'webview.decoding.aboutTopP' },
  minP: { name: 'webview.decoding.minP', about: 'webview.decoding.aboutMinP' },
  seed: { name: 'webview.decoding.seed', about: 'webview.decoding.aboutSeed' },
  numBeams: { name: 'webview.decoding.numBeams', about: 'webview.decoding.aboutNumBeams' },
  lengthPenalty: { name: 'webview.decoding.lengthPenalty', about: 'webview.decoding.aboutLengthPenalty' },
  repetitionPenalty: {
    name: 'webview.decoding.repetitionPenalty',
    about: 'webview.decoding.aboutRepetitionPenalty',
  },
  noRepeatNgram: { name: 'webview.decoding.noRepeatNgram', about: 'webview.decoding.aboutNoRepeatNgram' },
  minNewTokens: { name: 'webview.decoding.minNewTokens', about: 'webview.decoding.aboutMinNewTokens' },
  maxNewTokens: { name: 'webview.decoding.maxNewTokens', about: 'webview.decoding.aboutMaxNewTokens' },
  forcedFirst: { name: 'webview.decoding.forcedFirst', about: 'webview.decoding.aboutForcedFirst' },
};

export interface SettingField {
  readonly name: SettingName;
  readonly element: HTMLElement;
  readonly input: HTMLInputElement;
}

/** A control with its label before it; `about` is what both say when the pointer rests on them. */
export function labelled(name: string, about: string, control: HTMLElement): HTMLElement {
  const id = newId('setting');
  control.id = id;
  control.title = about;
  const label = el('label', { title: about }, name);
  label.htmlFor = id;
  return el('div', { class: 'setting' }, label, control);
}

export function settingField(name: SettingName, changed: () => void, enter: () => void): SettingField {
  const { least, most, whole } = SETTING_LIMITS[name];
  const input = el('input', {
    class: 'number-field',
    on: { input: changed, keydown: (event: KeyboardEvent) => event.key === 'Enter' && enter() },
  });
  input.type = 'number';
  input.min = String(least);
  input.max = String(most);
  input.step = whole ? '1' : 'any';
  return { name, input, element: labelled(say(WORDS[name].name), say(WORDS[name].about), input) };
}

/** What a number may be at most: a token's id less than the vocabulary has tokens. */
function mostOf(name: SettingName, vocabulary: number): number {
  const { most } = SETTING_LIMITS[name];
  return name === 'forcedFirst' ? Math.min(most, vocabulary - 1) : most;
}

/** The sentence about the first field whose number cannot be; null where all can. */
export function faultOf(fields: readonly SettingField[], vocabulary: number): string | null {
  const wrong = fields.find(
    ({ name, input: { valueAsNumber: value } }) => !isSetting(name, value) || value > mostOf(name, vocabulary),
  );
  if (!wrong) return null;
  const { least, whole } = SETTING_LIMITS[wrong.name];
  const gaps = { name: say(WORDS[wrong.name].name), least, most: mostOf(wrong.name, vocabulary) };
  if (wrong.name === 'temperature') return say('webview.decoding.faultTemperature', gaps);
  return say(whole ? 'webview.decoding.faultWhole' : 'webview.decoding.fault', gaps);
}
