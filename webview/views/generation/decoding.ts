/** How the next token is chosen: the settings, and the way to write the text again with them. */
import {
  hasBeams,
  SETTING_NAMES,
  type DecodingSettings,
  type SettingName,
} from '../../../src/protocol/decodingSettings';
import { say, type PlainKey } from '../../../src/text/say';
import { button } from '../../controls/button';
import { checkbox } from '../../controls/checkbox';
import { dropdown } from '../../controls/dropdown';
import { el, setText } from '../../dom';
import { view } from '../view';
import { languageChoice } from './languageChoice';
import { faultOf, labelled, settingField } from './settingField';
import { isBusy } from '../../state/appState';

/** These change nothing where the likeliest token is taken. */
const FOR_DRAWING: readonly SettingName[] = ['temperature', 'topK', 'topP', 'minP', 'seed'];
/** And these only where several texts are kept at each step. */
const FOR_BEAMS: readonly SettingName[] = ['lengthPenalty'];

type Stopping = NonNullable<DecodingSettings['earlyStopping']>;
const STOPPING: readonly { readonly value: Stopping; readonly name: PlainKey }[] = [
  { value: false, name: 'webview.decoding.stopsLikely' },
  { value: true, name: 'webview.decoding.stopsEarly' },
  { value: 'never', name: 'webview.decoding.stopsCertain' },
];

function summaryOf(settings: DecodingSettings | null): string {
  if (!settings) return say('webview.decoding.isGreedy');
  const { doSample, temperature, seed, numBeams = 1 } = settings;
  if (doSample) return say('webview.decoding.isDrawn', { temperature, seed });
  return hasBeams(settings) ? say('webview.decoding.isSearched', { beams: numBeams }) : say('webview.decoding.isRuled');
}

/** The ids in a text, which stand apart by spaces or commas; null where there is something else. */
function idsIn(text: string, vocabulary: number): readonly number[] | null {
  const parts = text.split(/[\s,;]+/).filter((part) => part !== '');
  const ids = [...new Set(parts.map((part) => (/^\d{1,9}$/.test(part) ? Number(part) : NaN)))];
  // One token at least must be left.
  return ids.every((id) => id < vocabulary) && ids.length < vocabulary ? ids : null;
}

export const decodingView = view((app, scope) => {
  let draws = false;
  let stopping = 0;
  const vocabulary = (): number => app.state.snapshot?.model?.vocabularySize ?? 1;
  const valueOf = (name: SettingName): number =>
    fields.find((field) => field.name === name)?.input.valueAsNumber ?? NaN;
  const fault = (): string | null => {
    const wrong = faultOf(
      fields.filter(({ element: field }) => !field.hidden),
      vocabulary(),
    );
    if (wrong !== null) return wrong;
    if (draws && valueOf('numBeams') > 1) return say('webview.decoding.faultDrawnBeams');
    if (idsIn(suppressed.value, vocabulary()) === null)
      return say('webview.decoding.faultSuppressed', { most: vocabulary() - 1 });
    return null;
  };
  const typed = (): void => {
    setText(faulty, fault() ?? '');
    enable();
  };
  const write = (): void => {
    typed();
    const { snapshot } = app.state;
    const ids = idsIn(suppressed.value, vocabulary());
    if (fault() !== null || ids === null || !snapshot || isBusy(snapshot)) return;
    const numbers = Object.fromEntries(fields.map(({ name, input }) => [name, input.valueAsNumber]));
    const forced = language.element.hidden ? {} : { forcedFirst: language.value() };
    const decoding: DecodingSettings = {
      ...(numbers as Record<SettingName, number>),
      ...forced,
      doSample: draws,
      earlyStopping: STOPPING[stopping]?.value ?? false,
      suppressed: ids,
    };
    app.act(app.api.setDecoding({ decoding }));
  };
  const fields = SETTING_NAMES.map((name) => settingField(name, typed, write));
  const enable = (): void => {
    const searches = valueOf('numBeams') > 1;
    for (const { name, input } of fields)
      input.disabled = (!draws && FOR_DRAWING.includes(name)) || (!searches && FOR_BEAMS.includes(name));
  };
  const draw = checkbox(say('webview.decoding.draw'), say('webview.decoding.aboutDraw'), (checked) => {
    draws = checked;
    typed();
  });
  const stops = dropdown(say('webview.decoding.earlyStopping'), (index) => (stopping = index));
  stops.element.title = say('webview.decoding.aboutEarlyStopping');
  const language = languageChoice();
  const suppressed = el('input', {
    class: 'number-field ids-field',
    on: { input: typed, keydown: (event: KeyboardEvent) => event.key === 'Enter' && write() },
  });
  suppressed.type = 'text';
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
    el(
      'div',
      { class: 'settings' },
      ...fields.map((field) => field.element),
      el('div', { class: 'setting' }, el('span', {}, say('webview.decoding.earlyStopping')), stops.element),
      language.element,
      labelled(say('webview.decoding.suppressed'), say('webview.decoding.aboutSuppressed'), suppressed),
    ),
    faulty,
    el('div', { class: 'decoding-controls' }, again.element, own.element),
  );

  let shown = '';
  scope.draw(() => {
    const { snapshot } = app.state;
    const defaults = snapshot?.model?.decoding;
    if (!snapshot?.model || !defaults) return;
    const settings = { ...defaults, ...snapshot.decoding };
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
    stopping = STOPPING.findIndex(({ value }) => value === settings.earlyStopping);
    stops.set(
      STOPPING.map(({ name }) => say(name)),
      stopping,
    );
    const { languages, family } = snapshot.model;
    language.set(languages, settings.forcedFirst);
    for (const { name, element: field } of fields)
      if (name === 'forcedFirst') field.hidden = languages.length > 0 || family === 'decoder-only';
    suppressed.value = settings.suppressed.join(' ');
    setText(faulty, '');
    enable();
  });
  return element;
});
