/** How the next token is chosen: the settings, and the way to write the text again with them. */
import {
  isSetting,
  SETTING_LIMITS,
  SETTING_NAMES,
  type DecodingSettings,
  type SettingName,
} from '../../../src/protocol/decodingSettings';
import { say, type PlainKey } from '../../../src/text/say';
import { button } from '../../controls/button';
import { checkbox } from '../../controls/checkbox';
import { el, setText } from '../../dom';
import { isBusy } from '../frame/header';
import { newId, view } from '../view';

/** What a setting is called, and what it does in a sentence. */
const WORDS: Readonly<Record<SettingName, { readonly name: PlainKey; readonly about: PlainKey }>> = {
  temperature: { name: 'webview.decoding.temperature', about: 'webview.decoding.aboutTemperature' },
  topK: { name: 'webview.decoding.topK', about: 'webview.decoding.aboutTopK' },
  topP: { name: 'webview.decoding.topP', about: 'webview.decoding.aboutTopP' },
  minP: { name: 'webview.decoding.minP', about: 'webview.decoding.aboutMinP' },
  repetitionPenalty: {
    name: 'webview.decoding.repetitionPenalty',
    about: 'webview.decoding.aboutRepetitionPenalty',
  },
  noRepeatNgram: { name: 'webview.decoding.noRepeatNgram', about: 'webview.decoding.aboutNoRepeatNgram' },
  minNewTokens: { name: 'webview.decoding.minNewTokens', about: 'webview.decoding.aboutMinNewTokens' },
  seed: { name: 'webview.decoding.seed', about: 'webview.decoding.aboutSeed' },
};
/** These change nothing where the likeliest token is taken. */
const FOR_DRAWING: readonly SettingName[] = ['temperature', 'topK', 'topP', 'minP', 'seed'];

function summaryOf(settings: DecodingSettings | null): string {
  if (!settings) return say('webview.decoding.isGreedy');
  const { doSample, temperature, seed } = settings;
  return doSample ? say('webview.decoding.isDrawn', { temperature, seed }) : say('webview.decoding.isRuled');
}

interface SettingField {
  readonly name: SettingName;
  readonly element: HTMLElement;
  readonly input: HTMLInputElement;
}

function settingField(name: SettingName, changed: () => void, enter: () => void): SettingField {
  const { least, most, whole } = SETTING_LIMITS[name];
  const id = newId('setting');
  const about = say(WORDS[name].about);
  const input = el('input', {
    class: 'number-field',
    id,
    title: about,
    on: { input: changed, keydown: (event: KeyboardEvent) => event.key === 'Enter' && enter() },
  });
  input.type = 'number';
  input.min = String(least);
  input.max = String(most);
  input.step = whole ? '1' : 'any';
  const label = el('label', { title: about }, say(WORDS[name].name));
  label.htmlFor = id;
  return { name, input, element: el('div', { class: 'setting' }, label, input) };
}

/** The sentence about the first field whose number cannot be; null where all can. */
function faultOf(fields: readonly SettingField[]): string | null {
  const wrong = fields.find(({ name, input }) => !isSetting(name, input.valueAsNumber));
  if (!wrong) return null;
  const { least, most, whole } = SETTING_LIMITS[wrong.name];
  const gaps = { name: say(WORDS[wrong.name].name), least, most };
  if (wrong.name === 'temperature') return say('webview.decoding.faultTemperature', gaps);
  return say(whole ? 'webview.decoding.faultWhole' : 'webview.decoding.fault', gaps);
}

export const decodingView = view((app, scope) => {
  let draws = false;
  const write = (): void => {
    const fault = faultOf(fields);
    setText(faulty, fault ?? '');
    const { snapshot } = app.state;
    if (fault !== null || !snapshot || isBusy(snapshot)) return;
    const numbers = Object.fromEntries(fields.map(({ name, input }) => [name, input.valueAsNumber]));
    app.act(app.api.setDecoding({ decoding: { ...(numbers as Record<SettingName, number>), doSample: draws } }));
  };
  const fields = SETTING_NAMES.map((name) => settingField(name, () => setText(faulty, faultOf(fields) ?? ''), write));
  const enable = (): void => {
    for (const { name, input } of fields) input.disabled = !draws && FOR_DRAWING.includes(name);
  };
  const draw = checkbox(say('webview.decoding.draw'), say('webview.decoding.aboutDraw'), (checked) => {
    draws = checked;
    enable();
  });
  const faulty = el('p', { class: 'fault', role: 'alert' });
  const again = button({
    label: say('webview.decoding.write'),
    title: say('webview.decoding.writeTitle'),
    press: write,
  });
  const own = button({
    label: say('webview.decoding.greedy'),
    title: say('webview.decoding.greedyTitle'),
    press: () => app.act(app.api.setDecoding({ decoding: null })),
  });
  const summary = el('summary', {});
  const element = el(
    'details',
    { class: 'decoding' },
    summary,
    draw.element,
    el('div', { class: 'settings' }, ...fields.map((field) => field.element)),
    faulty,
    el('div', { class: 'decoding-controls' }, again.element, own.element),
  );

  let shown = '';
  scope.draw(() => {
    const { snapshot } = app.state;
    const settings = snapshot?.decoding ?? snapshot?.model?.decoding;
    if (!snapshot || !settings) return;
    setText(summary, summaryOf(snapshot.decoding));
    again.enable(!isBusy(snapshot));
    own.enable(!isBusy(snapshot) && snapshot.decoding !== null);
    // What the user is typing stays until other settings are on show.
    const now = JSON.stringify([snapshot.id, snapshot.decoding, settings]);
    if (now === shown) return;
    shown = now;
    draws = settings.doSample;
    draw.set(draws);
    for (const { name, input } of fields) input.valueAsNumber = settings[name];
    setText(faulty, '');
    enable();
  });
  return element;
});
