/** What the running text is coloured by, and the sentence that says so. */
import type { KindInfo, MapRef } from '../../../src/attention/types';
import { alignedReading } from '../../../src/measure/alignment/alignedReading';
import { restingReading } from '../../../src/measure/meanReceived';
import { measureOf } from '../../../src/measure/measure';
import { readingOf } from '../../../src/measure/reading';
import { listOf } from '../../../src/text/listInSentence';
import { say } from '../../../src/text/say';
import { axisIn, itemAt, itemsOf, type Axis } from '../../axes/axis';
import { focusRole, kindInfo, mapRef, shownAxis, type AppState, type Colouring } from '../appState';
import { kindName, mapName } from './names';
import { limitsIn } from './shownWeights';

/** More tokens or words than these are counted, not named. */
const NAMED = 4;

/** What the text is coloured by now: the difference from the pinned one where that is wanted. Undefined where there are no numbers, or not yet. */
export const colouring = (state: AppState): Colouring | undefined =>
  state.difference === null ? ownColouring(state) : state.difference;

/** By its own numbers. */
export function ownColouring(state: AppState): Colouring | undefined {
  const { snapshot, view, map, focus, weights } = state;
  if (!snapshot) return undefined;
  if (focus?.by === 'alignment' && state.alignment)
    return {
      ...alignedReading(state.alignment, snapshot, shownAxis(state), focus),
      what: say('webview.alignment.isAligned'),
    };
  const role = focusRole(state);
  if (focus && role) {
    const reading =
      weights && readingOf(weights.list, role, axisIn(state, role.others).items, view, limitsIn(state, role.info));
    if (!reading) return undefined;
    const noun = say(reading.measure.noun);
    const what =
      role.role === 'query'
        ? say('webview.text.isLookedAtWith', { noun })
        : say('webview.text.looksThereWith', { noun });
    return { ...reading, what };
  }
  const info = kindInfo(snapshot, view.kind);
  if (!info || !map) return undefined;
  const units = { queries: axisIn(state, info.queries).items, keys: axisIn(state, info.keys).items };
  return {
    ...restingReading(map, info, units, view),
    what: say('webview.text.isLookedAtWithMean', { noun: say(measureOf(map).noun) }),
  };
}

/**
 * `fed “den”, predicts “k”` for a decoder's token or word, with what comes after it; the label in quotes for any other.
 * Each of a word's tokens predicts the one after it: the word as a whole leads to the next.
 */
export function itemPhrase({ sequence, items }: Axis, at: number): string {
  const token = items[at]?.label ?? '–';
  if (sequence !== 'target') return say('webview.token.quoted', { token });
  const next = items[at + 1];
  return next ? say('webview.token.fed', { token, next: next.label }) : say('webview.token.writtenLast', { token });
}

/** A token in words, as `itemPhrase`, by its place among the tokens. */
export const phraseAt = (axis: Axis, token: number): string => itemPhrase(axis, itemAt(axis, token));

/** Some tokens in words: one item by its label, a few by theirs, many by their number. */
export function namesOf(axis: Axis, tokens: readonly number[]): string {
  const found = itemsOf(axis, tokens);
  const names = listOf(
    found.slice(0, NAMED).map((at) => say('webview.token.quoted', { token: axis.items[at]?.label ?? '–' })),
  );
  return found.length > NAMED ? say('webview.token.andMore', { names, more: found.length - NAMED }) : names;
}

/** One sentence for what the text's colours say. */
export function colouringSentence(state: AppState): string {
  const own = ownSentence(state);
  return state.difference === null ? own : say('webview.compare.coloured', { what: own });
}

function ownSentence(state: AppState): string {
  const { snapshot, focus, view, map } = state;
  const role = focusRole(state);
  if (focus && role) {
    const axis = axisIn(state, focus.sequence);
    const who = namesOf(axis, focus.indices);
    if (focus.by === 'alignment') return say('webview.alignment.alignedWith', { who });
    const several = itemsOf(axis, focus.indices).length > 1;
    if (role.role === 'query')
      return say(several ? 'webview.text.whereTheyLook' : 'webview.text.whereItLooks', { who });
    return say(several ? 'webview.text.whoLooksAtThem' : 'webview.text.whoLooksAtIt', { who });
  }
  const info = kindInfo(snapshot, view.kind);
  if (!info) return '';
  return meanSentence(info, map ?? mapRef(view, shownAxis(state)));
}

/** What the text's colours say where nothing is focused. */
function meanSentence(info: KindInfo, of: MapRef): string {
  const name = kindName(info.kind).toLowerCase();
  return of.measure === 'weight' && of.source.type === 'head'
    ? say('webview.text.meanWeight', { kind: name })
    : say('webview.text.meanOf', { map: mapName(of, info), kind: name });
}
