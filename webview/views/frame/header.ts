/** What is explained, by which model, on what, and how far it is. */
import { interventionName } from '../../../src/attention/interventionName';
import { bareLabel, textLabel } from '../../../src/attention/tokenLabel';
import type { ProviderReport } from '../../../src/protocol/engine';
import type { ExplanationSnapshot } from '../../../src/protocol/panel';
import { say } from '../../../src/text/say';
import { button } from '../../controls/button';
import { el, icon, setText } from '../../dom';
import { milliseconds } from '../../format';
import { announcer } from '../announcer';
import { isBusy, kindsOf } from '../../state/appState';
import { firstPlace } from '../../state/lesson/lessonPlaces';
import { tokenCount } from '../../state/shown/names';
import { view } from '../view';

function providerText({ provider, adapter, threads }: ProviderReport): string {
  if (provider === 'webgpu')
    return adapter === '' ? say('webview.header.webGpu') : say('webview.header.webGpuOn', { adapter });
  return threads === 1 ? say('webview.header.wasmOne') : say('webview.header.wasmMany', { threads });
}

function doneText({ encode, generate }: ExplanationSnapshot['timings']): string {
  const read = milliseconds(encode);
  const wrote = milliseconds(generate);
  if (encode > 0 && generate > 0) return say('webview.status.doneBoth', { read, wrote });
  if (encode > 0) return say('webview.status.doneRead', { read });
  return generate > 0 ? say('webview.status.doneWrote', { wrote }) : say('webview.status.done');
}

/** How far it is, for the eye: it changes with every token. */
export function statusText({ status, progress, end, steps, beams, timings }: ExplanationSnapshot): string {
  switch (status) {
    case 'loading':
      return progress?.phase ?? say('webview.status.loading');
    case 'encoding':
      return progress?.phase ?? say('webview.status.encoding');
    case 'generating':
      if (beams?.isDone === false)
        return say('webview.status.searching', {
          steps: beams.depth,
          going: beams.running.length,
          ended: beams.ended.length,
        });
      return say('webview.status.generating', { tokens: tokenCount(steps.length) });
    case 'paused':
      return end === 'limit' ? say('webview.status.limit') : say('webview.status.paused');
    case 'done':
      return doneText(timings);
    case 'failed':
      return say('webview.status.failed');
  }
}

/** How far it is, for the ear: said when something begins or ends, never at every token. */
export function spokenStatus({ status, end, steps }: ExplanationSnapshot): string {
  const tokens = tokenCount(steps.length);
  switch (status) {
    case 'loading':
      return say('webview.status.loading');
    case 'encoding':
      return say('webview.status.encoding');
    case 'generating':
      return say('webview.spoken.generating');
    case 'paused':
      return end === 'limit' ? say('webview.spoken.limit', { tokens }) : say('webview.spoken.paused', { tokens });
    case 'done':
      return steps.length > 0 ? say('webview.spoken.written', { tokens }) : say('webview.spoken.read');
    case 'failed':
      return say('webview.status.failed');
  }
}

export const headerView = view((app, scope) => {
  const title = el('h1', { class: 'title' });
  const modelName = el('span', { class: 'chip-text' });
  const model = el(
    'button',
    { class: 'chip', on: { click: () => app.act(app.api.command({ name: 'chooseModel' })) } },
    icon('symbol-structure'),
    modelName,
  );
  const providerName = el('span', { class: 'chip-text' });
  const provider = el('span', { class: 'chip plain' }, icon('chip'), providerName);
  const reason = el('p', { class: 'reason' });
  const state = el('span', { class: 'status-text' });
  const spoken = announcer();
  const spinner = icon('loading');
  spinner.classList.add('codicon-modifier-spin');
  const cancel = button({
    label: say('webview.header.cancel'),
    icon: 'debug-stop',
    title: say('webview.header.cancelTitle'),
    press: () => app.act(app.api.cancel({})),
  });
  const lesson = button({
    label: say('lesson.open'),
    icon: 'mortar-board',
    title: say('lesson.openTitle'),
    press: () => app.setView({ lesson: app.state.view.lesson ? null : firstPlace(app.state) }),
  });
  const fraction = el('div', { class: 'progress-value' });
  const bar = el(
    'div',
    {
      class: 'progress',
      role: 'progressbar',
      aria: { label: say('webview.header.progress'), valuemin: 0, valuemax: 100 },
    },
    fraction,
  );
  const element = el(
    'header',
    { class: 'header' },
    el(
      'div',
      { class: 'header-row' },
      title,
      el('div', { class: 'chips' }, model, provider, lesson.element),
      el('div', { class: 'status' }, spinner, state, cancel.element, spoken.element),
    ),
    reason,
    bar,
  );
  scope.draw(() => {
    const { snapshot } = app.state;
    element.hidden = !snapshot;
    if (!snapshot) return;
    const { intervention } = snapshot;
    const changed = (name: string): string =>
      intervention
        ? say('webview.header.changed', { title: name, what: interventionName(intervention, kindsOf(snapshot)) })
        : name;
    setText(title, changed(bareLabel(snapshot.title)));
    title.title = changed(textLabel(snapshot.title));
    model.hidden = !snapshot.model;
    setText(modelName, snapshot.model ? bareLabel(snapshot.model.name) : '');
    model.title = snapshot.model ? say('webview.header.chooseModel', { model: textLabel(snapshot.model.name) }) : '';
    provider.hidden = !snapshot.provider;
    setText(providerName, snapshot.provider ? providerText(snapshot.provider) : '');
    provider.title = snapshot.provider?.reason ?? '';
    reason.hidden = !snapshot.provider?.reason;
    setText(reason, snapshot.provider?.reason ?? '');
    lesson.element.hidden = kindsOf(snapshot).length === 0;
    lesson.setLabel(say(app.state.view.lesson ? 'lesson.close' : 'lesson.open'));
    const busy = isBusy(snapshot);
    spinner.hidden = !busy;
    cancel.element.hidden = !busy;
    setText(state, statusText(snapshot));
    spoken.say(spokenStatus(snapshot));
    const known = snapshot.progress?.fraction ?? -1;
    bar.classList.toggle('idle', !busy);
    bar.classList.toggle('unknown', busy && known < 0);
    fraction.style.width = busy && known >= 0 ? `${Math.round(known * 100)}%` : '';
    if (busy && known >= 0) bar.setAttribute('aria-valuenow', String(Math.round(known * 100)));
    else bar.removeAttribute('aria-valuenow');
    bar.setAttribute('aria-hidden', String(!busy));
  });
  return element;
});
