/** Which token's logit is taken apart: its place, the token, and the one that it is held against. */
import type { WholeView } from '../../../src/protocol/defaultView';
import { say } from '../../../src/text/say';
import { dropdown } from '../../controls/dropdown';
import { el } from '../../dom';
import { labelsApart, percent, tokenLabel } from '../../format';
import type { AppState } from '../../state/appState';
import { likelyChoice, tokenAt, type PredictedPlace } from '../../state/attribution/attributedPlaces';

type Choice = NonNullable<WholeView['attribution']>;

export interface Chooser {
  readonly element: HTMLElement;
  show(snapshot: AppState['snapshot'], places: readonly PredictedPlace[], choice: Choice): void;
}

/** @param choose called with what the user has chosen */
export function chooser(choose: (choice: Choice) => void): Chooser {
  let places: readonly PredictedPlace[] = [];
  let choice: Choice = { index: 0, token: 0, other: null };
  const candidates = (): PredictedPlace['candidates'] =>
    places.find(({ index }) => index === choice.index)?.candidates ?? [];
  const others = (): PredictedPlace['candidates'] => candidates().filter(({ id }) => id !== choice.token);
  const place = dropdown(say('webview.attribution.place'), (at) => {
    const next = places[at];
    if (next) choose(likelyChoice(next));
  });
  const token = dropdown(say('webview.attribution.token'), (at) => {
    const next = candidates()[at];
    // What was chosen before is what the next one is held against, where it was held against that.
    if (next) choose({ ...choice, token: next.id, other: choice.other === next.id ? choice.token : choice.other });
  });
  const other = dropdown(say('webview.attribution.other'), (at) =>
    choose({ ...choice, other: at === 0 ? null : (others()[at - 1]?.id ?? null) }),
  );
  return {
    element: el('div', { class: 'attribution-choice' }, place.element, token.element, other.element),
    show(snapshot, all, now) {
      places = all;
      choice = now;
      place.set(
        all.map((one, at) =>
          say('webview.attribution.placeOption', { number: at + 1, token: tokenLabel(tokenAt(snapshot, one)) }),
        ),
        all.findIndex(({ index }) => index === now.index),
      );
      const labels = labelsApart(candidates());
      const named = candidates().map((one, at) => ({
        id: one.id,
        gaps: { token: labels[at] ?? '', share: percent(one.probability) },
      }));
      token.set(
        named.map(({ gaps }) => say('webview.attribution.candidate', gaps)),
        candidates().findIndex(({ id }) => id === now.token),
      );
      const rest = named.filter(({ id }) => id !== now.token);
      other.set(
        [say('webview.attribution.alone'), ...rest.map(({ gaps }) => say('webview.attribution.notCandidate', gaps))],
        1 + rest.findIndex(({ id }) => id === now.other),
      );
    },
  };
}
