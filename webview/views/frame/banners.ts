/** What the user must know before trusting the picture: errors, an edited document, a cut text. */
import type { ErrorValue } from '../../../src/errors';
import type { TextWindow } from '../../../src/protocol/engine';
import type { App } from '../../state/app';
import { button } from '../../controls/button';
import { el, icon } from '../../dom';
import { count } from '../../format';
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

export function bannersView(app: App): HTMLElement {
  const { store, api } = app;
  const element = el('div', { class: 'banners' });

  const errorBanner = (error: ErrorValue, retry: string): HTMLElement =>
    banner(
      'error',
      [el('code', { class: 'code' }, error.code), ' ', error.message],
      [
        button({ label: retry, icon: 'refresh', press: () => app.act(api.retry({})) }).element,
        button({ label: 'Show log', icon: 'output', press: () => app.act(api.command({ name: 'showLog' })) }).element,
        button({
          label: 'Copy report',
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
        `The text has ${count(window.totalTokens)} tokens, more than the model takes at once. Explained: ${count(window.start + 1)} to ${count(window.end)}.`,
      ],
      [windowField(window, (start) => app.act(api.chooseWindow({ start })))],
    );
  };

  const again = (): HTMLElement =>
    button({ label: 'Explain again', icon: 'refresh', press: () => app.act(api.retry({})) }).element;

  store.watch(
    ({ snapshot, failure }) =>
      [
        snapshot?.error,
        snapshot?.stale,
        snapshot?.window,
        failure,
        snapshot?.status === 'paused' && snapshot.source.length + snapshot.target.length === 0,
      ] as const,
    ([error, stale, window, failure, cancelled]) => {
      const list: HTMLElement[] = [];
      if (error) list.push(errorBanner(error, 'Retry'));
      if (failure && failure.code !== error?.code) list.push(errorBanner(failure, 'Explain again'));
      if (cancelled && !error) list.push(banner('info', ['Cancelled before the text was read.'], [again()]));
      if (stale === true)
        list.push(
          banner(
            'warning',
            ['The document has changed since; what you see is its earlier text. The editor is no longer coloured.'],
            [again()],
          ),
        );
      if (window && window.end - window.start < window.totalTokens) list.push(windowBanner(window));
      element.replaceChildren(...list);
    },
  );
  return element;
}
