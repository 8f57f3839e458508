/** What the user must know before trusting the picture: errors, an edited document, a cut text. */
import { computed } from '@preact/signals-core';
import { interventionName } from '../../../src/attention/interventionName';
import { sentenceLabel } from '../../../src/attention/tokenLabel';
import type { ErrorValue } from '../../../src/errors';
import type { DoneIntervention, TextWindow } from '../../../src/protocol/engine';
import { say } from '../../../src/text/say';
import { button } from '../../controls/button';
import { el, icon } from '../../dom';
import { count } from '../../format';
import { kindsOf } from '../../state/appState';
import { view } from '../view';
import { windowField } from './windowField';

function banner(
  kind: 'error' | 'warning' | 'info',
  text: readonly (Node | string)[],
  actions: readonly HTMLElement[],
): HTMLElement {
  return el(
    'div',
    { class: `banner ${kind}`, role: kind === 'error' ? 'alert' : 'note' },
    icon(kind),
    el('div', { class: 'banner-text' }, ...text),
    el('div', { class: 'banner-actions' }, ...actions),
  );
}

export const bannersView = view((app, scope) => {
  const { state, api } = app;
  const element = el('div', { class: 'banners' });

  const errorBanner = (error: ErrorValue, retry: string): HTMLElement =>
    banner(
      'error',
      [el('code', { class: 'code' }, error.code), ' ', sentenceLabel(error.message)],
      [
        button({ label: retry, icon: 'refresh', press: () => app.act(api.retry({})) }).element,
        button({
          label: say('webview.banner.log'),
          icon: 'output',
          press: () => app.act(api.command({ name: 'showLog' })),
        }).element,
        button({
          label: say('webview.banner.copy'),
          icon: 'copy',
          iconOnly: true,
          press: () => app.act(api.copy({ text: [error.code, error.message, error.detail ?? ''].join('\n').trim() })),
        }).element,
      ],
    );

  const windowBanner = (window: TextWindow): HTMLElement => {
    return banner(
      'info',
      [
        say(window.bySentence ? 'webview.banner.bySentence' : 'webview.banner.cut', {
          all: count(window.totalTokens),
          from: count(window.start + 1),
          to: count(window.end),
        }),
      ],
      [windowField(window, (start) => app.act(api.chooseWindow({ start })))],
    );
  };

  const changedBanner = (intervention: DoneIntervention): HTMLElement =>
    banner(
      'info',
      [say('webview.banner.intervention', { what: interventionName(intervention, kindsOf(state.snapshot)) })],
      [button({ label: say('webview.banner.putBack'), icon: 'discard', press: () => app.intervene(null) }).element],
    );

  const again = (): HTMLElement =>
    button({ label: say('webview.banner.again'), icon: 'refresh', press: () => app.act(api.retry({})) }).element;

  // A banner that is made anew is read out anew, so banners are made only when what they say has changed, not with each token.
  const shown = computed(() => {
    const { snapshot, failure } = state;
    return [
      snapshot?.error,
      snapshot?.stale === true,
      snapshot?.intervention ?? null,
      snapshot?.window,
      failure,
      snapshot?.status === 'paused' && snapshot.source.length + snapshot.target.length === 0,
    ] as const;
  });
  let before: readonly unknown[] = [];
  scope.draw(() => {
    const [error, stale, intervention, window, failure, cancelled] = shown.value;
    if (before.length > 0 && shown.value.every((value, index) => Object.is(value, before[index]))) return;
    before = shown.value;
    const list: HTMLElement[] = [];
    if (error) list.push(errorBanner(error, say('webview.banner.retry')));
    if (failure && failure.code !== error?.code) list.push(errorBanner(failure, say('webview.banner.again')));
    if (cancelled && !error) list.push(banner('info', [say('webview.banner.cancelled')], [again()]));
    if (stale) list.push(banner('warning', [say('webview.banner.stale')], [again()]));
    if (intervention) list.push(changedBanner(intervention));
    if (window && window.end - window.start < window.totalTokens) list.push(windowBanner(window));
    element.replaceChildren(...list);
  });
  return element;
});
