/** What is explained, by which model, on what, and how far it is. */
import type { ProviderReport } from '../../../src/protocol/engine';
import type { ExplanationSnapshot } from '../../../src/protocol/panel';
import type { App } from '../../state/app';
import { button } from '../../controls/button';
import { el, icon, setText } from '../../dom';
import { count, milliseconds } from '../../format';

export function providerText({ provider, adapter, threads }: ProviderReport): string {
  if (provider === 'webgpu') return adapter === '' ? 'WebGPU' : `WebGPU · ${adapter}`;
  return `WASM · ${threads} thread${threads === 1 ? '' : 's'}`;
}

export function statusText({ status, progress, end, steps, timings }: ExplanationSnapshot): string {
  switch (status) {
    case 'loading':
    case 'encoding':
      return progress?.phase ?? (status === 'loading' ? 'Loading the model' : 'Reading the text');
    case 'generating':
      return `Generating · ${count(steps.length)} token${steps.length === 1 ? '' : 's'}`;
    case 'paused':
      return end === 'limit' ? 'Stopped at the limit' : 'Paused';
    case 'done': {
      const parts = [
        timings.encode > 0 ? `read ${milliseconds(timings.encode)}` : '',
        timings.generate > 0 ? `wrote ${milliseconds(timings.generate)}` : '',
      ];
      return ['Done', ...parts.filter((part) => part !== '')].join(' · ');
    }
    case 'failed':
      return 'Failed';
  }
}

const isBusy = (snapshot: ExplanationSnapshot): boolean =>
  snapshot.status === 'loading' || snapshot.status === 'encoding' || snapshot.status === 'generating';

export function headerView(app: App): HTMLElement {
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
  const state = el('span', { class: 'status-text', role: 'status', aria: { live: 'polite' } });
  const spinner = icon('loading');
  spinner.classList.add('codicon-modifier-spin');
  const cancel = button({
    label: 'Cancel',
    icon: 'debug-stop',
    title: 'Stop what runs; what is there stays',
    press: () => app.act(app.api.cancel({})),
  });
  const fraction = el('div', { class: 'progress-value' });
  const bar = el(
    'div',
    { class: 'progress', role: 'progressbar', aria: { label: 'Progress', valuemin: 0, valuemax: 100 } },
    fraction,
  );
  const element = el(
    'header',
    { class: 'header' },
    el(
      'div',
      { class: 'header-row' },
      title,
      el('div', { class: 'chips' }, model, provider),
      el('div', { class: 'status' }, spinner, state, cancel.element),
    ),
    reason,
    bar,
  );
  app.store.watch(
    ({ snapshot }) => [snapshot] as const,
    ([snapshot]) => {
      element.hidden = !snapshot;
      if (!snapshot) return;
      setText(title, snapshot.title);
      title.title = snapshot.title;
      model.hidden = !snapshot.model;
      setText(modelName, snapshot.model?.name ?? '');
      model.title = snapshot.model ? `${snapshot.model.name} — choose another model` : '';
      provider.hidden = !snapshot.provider;
      setText(providerName, snapshot.provider ? providerText(snapshot.provider) : '');
      provider.title = snapshot.provider?.reason ?? '';
      reason.hidden = !snapshot.provider?.reason;
      setText(reason, snapshot.provider?.reason ?? '');
      const busy = isBusy(snapshot);
      spinner.hidden = !busy;
      cancel.element.hidden = !busy;
      setText(state, statusText(snapshot));
      const known = snapshot.progress?.fraction ?? -1;
      bar.classList.toggle('idle', !busy);
      bar.classList.toggle('unknown', busy && known < 0);
      fraction.style.width = busy && known >= 0 ? `${Math.round(known * 100)}%` : '';
      if (busy && known >= 0) bar.setAttribute('aria-valuenow', String(Math.round(known * 100)));
      else bar.removeAttribute('aria-valuenow');
      bar.setAttribute('aria-hidden', String(!busy));
    },
  );
  return element;
}
