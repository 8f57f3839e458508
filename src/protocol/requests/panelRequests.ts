/**
 * What a webview may ask of the extension host: one schema a request, from which its type comes. A webview renders
 * untrusted text, so nothing that it says is believed before it has been checked (see `checks.ts`).
 */
import * as v from 'valibot';
import { ALIGNMENT_READINGS, ALIGNMENT_SOURCES } from '../../attention/types';
import { decodingSettings } from '../decodingSettings';
import { LESSON_PATHS, lessonPlaceEntries, lessonPlay } from '../lessonPlace';
import { TEXT_QUESTIONS } from './textQuestions';
import {
  axis,
  contentEntries,
  cut,
  explanation,
  fields,
  headList,
  indices,
  intervention,
  kind,
  cutLinkList,
  manner,
  measure,
  method,
  sequence,
  source,
} from './requestParts';
import { index, indexOrNone } from './wholeNumbers';

const MAX_TEXT = 1_000_000;
const text = v.pipe(v.string(), v.maxLength(MAX_TEXT));

/** Which map was on show when an explanation was pinned. */
export const pinnedMap = fields({ kind, layer: index, head: index, source });
export type PinnedMap = v.InferOutput<typeof pinnedMap>;

/** What the user looks at; small, versioned, kept across reloads. */
export const viewState = fields({
  version: v.literal(1),
  kind,
  layer: index,
  head: index,
  /** Hide special tokens, per kind. */
  hideSpecial: fields({ encoder: v.boolean(), decoder: v.boolean(), cross: v.boolean() }),
  /** Colour scale: fixed 0 to 1, or each row by its own largest weight. */
  scale: v.picklist(['fixed', 'row']),
  /** Which way a self-attention is read; 'to' where it is left out, as in what earlier versions kept. */
  direction: v.exactOptional(v.picklist(['to', 'from'])),
  /** What is measured; the weights where it is left out. */
  measure: v.exactOptional(measure),
  /** The chosen head, several taken together, or rollout; the head where it is left out. */
  source: v.exactOptional(source),
  /** Words where it is left out. */
  axis: v.exactOptional(axis),
  /** Which numbers of a row are shown; all where it is left out. */
  cut: v.exactOptional(cut),
  /** Divide what is shown of a row by its sum; not where it is left out. */
  renormalise: v.exactOptional(v.boolean()),
  /** Which cross-attention the alignment is read off, and how; the best that is known where it is left out. */
  alignment: v.exactOptional(
    fields({
      source: v.picklist(['best', ...ALIGNMENT_SOURCES]),
      reading: v.picklist(['best', ...ALIGNMENT_READINGS]),
    }),
  ),
  /** Heads without which the output is compared; none where it is left out. */
  off: v.exactOptional(headList),
  /** Links without which the output is compared, and the text that they are of; null, and where it is left out: none. */
  cutLinks: v.exactOptional(v.nullable(fields({ of: fields(contentEntries), links: cutLinkList }))),
  /** Where the lesson stands; null or left out: it is not on show. */
  lesson: v.exactOptional(v.nullable(fields(lessonPlaceEntries))),
  /** How pieces of the input are left out; words, removed, where it is left out. */
  leave: v.exactOptional(fields({ by: v.picklist(['words', 'sentences']), manner, method })),
  /** Which stations it walks; all where it is left out. */
  lessonPath: v.exactOptional(v.picklist(LESSON_PATHS)),
  /** What it changes for once; nothing where it is left out. */
  lessonPlay: v.exactOptional(v.nullable(lessonPlay)),
  /** The first place that the logit lens shows; null, and where it is left out, while it is not on show. */
  lens: v.exactOptional(v.nullable(index)),
  /** The token whose logit is taken apart, and the one that it is held against; null, and where it is left out, while that is not on show. */
  attribution: v.exactOptional(v.nullable(fields({ index, token: index, other: v.nullable(index) }))),
  /** The label of a text that pieces are measured by; null, and where it is left out, the likeliest. */
  label: v.exactOptional(v.nullable(index)),
  /**
   * How a pinned explanation is held against the one on show: whether their difference is shown, and by which heads the
   * pinned one is read: those on show, its own as it was pinned, or what suits.
   */
  compare: v.exactOptional(fields({ difference: v.boolean(), heads: v.picklist(['suited', 'shown', 'own']) })),
});
export type ViewState = v.InferOutput<typeof viewState>;

/** The token that is hovered, focused or locked. */
export const tokenFocus = fields({
  sequence,
  indices,
  locked: v.boolean(),
  /** Who set it: whoever did so is told of it too, and must not set it again. */
  from: v.picklist(['panel', 'generation', 'editor', 'host']),
  /** What the others are coloured by: the word's alignment; the chosen map where it is left out. */
  by: v.exactOptional(v.literal('alignment')),
});
export type TokenFocus = v.InferOutput<typeof tokenFocus>;

/** The extension's commands that a page may run, without their prefix. */
const PANEL_COMMANDS = [
  'chooseModel',
  'showLog',
  'openSettings',
  'showGeneration',
  'explain',
  'measureHeads',
  'copyAlignment',
  'findAligner',
  'copyLessonLink',
] as const;
export type PanelCommand = (typeof PANEL_COMMANDS)[number];

/** How two selections are read: as a pair as they stand, the second one first, or as one text. */
export const pairOrder = v.picklist(['given', 'swapped', 'one']);

const nothing = fields({});

/** A schema for each method of `PanelApi`. Whatever is about an explanation names it. */
export const PANEL_REQUESTS = {
  state: nothing,
  head: fields(TEXT_QUESTIONS.head),
  tokenWeights: fields(TEXT_QUESTIONS.tokenWeights),
  atlas: fields(TEXT_QUESTIONS.atlas),
  measure: fields(TEXT_QUESTIONS.measure),
  roles: fields(TEXT_QUESTIONS.roles),
  lesson: fields(TEXT_QUESTIONS.lesson),
  alignment: fields(TEXT_QUESTIONS.alignment),
  headsOff: fields(TEXT_QUESTIONS.headsOff),
  headCosts: fields(TEXT_QUESTIONS.headCosts),
  leaveOut: fields(TEXT_QUESTIONS.leaveOut),
  inputWithout: fields(TEXT_QUESTIONS.inputWithout),
  lens: fields(TEXT_QUESTIONS.lens),
  attribution: fields(TEXT_QUESTIONS.attribution),
  forgetLeftOut: fields({ explanation }),
  setView: fields({ explanation, view: viewState }),
  setFocus: fields({ explanation, focus: v.nullable(tokenFocus) }),
  generation: fields({ explanation, action: v.picklist(['step', 'run', 'stop', 'restart']) }),
  branch: fields({ explanation, step: index, token: indexOrNone }),
  force: fields({ explanation, text }),
  /** Null: the likeliest token each time, by the model's own rules. */
  setDecoding: fields({ explanation, decoding: v.nullable(decodingSettings) }),
  openBeam: fields({ explanation, token: index }),
  mask: fields({ explanation, indices }),
  setChat: fields({ explanation, chat: v.boolean() }),
  setSpecialsAsText: fields({ explanation, asText: v.boolean() }),
  setPair: fields({ explanation, order: pairOrder }),
  /** `intervention` by the tokens on show; null: everything back. `map` as in `pin`. */
  intervene: fields({ explanation, intervention: v.nullable(intervention), map: pinnedMap }),
  chooseWindow: fields({ explanation, start: index }),
  pin: fields({ explanation, map: pinnedMap }),
  unpin: fields({ explanation }),
  cancel: fields({ explanation }),
  retry: fields({ explanation }),
  reveal: fields({ explanation, sequence, index }),
  copy: fields({ text }),
  command: fields({ name: v.picklist(PANEL_COMMANDS) }),
} as const;

/** Each request by its method's name. */
export type PanelRequests = {
  readonly [Method in keyof typeof PANEL_REQUESTS]: v.InferOutput<(typeof PANEL_REQUESTS)[Method]>;
};
