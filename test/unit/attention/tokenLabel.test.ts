/** Labels of tokens: never empty, nothing invisible, nothing that changes the order of what is beside it. */
import { describe, expect, test } from 'vitest';
import {
  bareLabel,
  cutLabel,
  directionOf,
  directionOfTokens,
  isBlank,
  labelsApart,
  textLabel,
  tokenLabel,
  visibleSpace,
} from '../../../src/attention/tokenLabel';

describe('what is not seen has a name', () => {
  test.each([
    ['', '∅'],
    [' ', '␣'],
    [' cat', 'cat'],
    ['\n        ', '⏎␣×8'],
    ['\r\n', '␍⏎'],
    ['\u00a0', '⍽'],
    ['\u2003', '⟨EMSP⟩'],
    ['\u3000\u3000\u3000', '⟨IDSP⟩×3'],
    ['\u200b', '⟨ZWSP⟩'],
    ['fin\u200bish', 'fin⟨ZWSP⟩ish'],
    ['\u200c', '⟨ZWNJ⟩'],
    ['a\u200db', 'a⟨ZWJ⟩b'],
    ['\u200e\u200f', '⟨LRM⟩⟨RLM⟩'],
    ['a\u202eb', 'a⟨RLO⟩b'],
    ['\u2066x\u2069', '⟨LRI⟩x⟨PDI⟩'],
    ['\u061c', '⟨ALM⟩'],
    ['\u2060', '⟨WJ⟩'],
    ['co\u00adop', 'co⟨SHY⟩op'],
    ['\ufeff', '⟨BOM⟩'],
    ['\u3164', '⟨HF⟩'],
    ['\u115f\u1160', '⟨HCF⟩⟨HJF⟩'],
    ['\ufe0f', '⟨U+FE0F⟩'],
    ['a\ufe0f', 'a⟨U+FE0F⟩'],
    ['\u034f', '⟨CGJ⟩'],
    ['\u2028', '⟨LSEP⟩'],
    ['\u{e0041}', '⟨TAG A⟩'],
    ['\u{e007f}', '⟨TAG END⟩'],
    ['\u2800', '⟨U+2800⟩'],
    ['\ufff9', '⟨U+FFF9⟩'],
    ['\0', '␀'],
    ['\x1b[0m', '␛[0m'],
    ['\x85', '⟨NEL⟩'],
    ['\x9b', '⟨U+009B⟩'],
    ['\u0301', '◌\u0301'],
  ])('%j is %s', (text, label) => {
    expect(bareLabel(text)).toBe(label);
  });

  test('but for joiners and selectors that do their work', () => {
    for (const text of [
      '👩🏽‍💻',
      '❤️‍🔥',
      '❤️',
      '1️⃣',
      '🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}',
      'می‌خواهم',
      'क्‍ष',
      '葛\u{e0100}',
      '۝',
    ])
      expect(bareLabel(text)).toBe(text);
  });

  test('every character that is not seen, alone and between letters', () => {
    const unseen = /[\p{Default_Ignorable_Code_Point}\p{Bidi_Control}\p{Cc}\p{Zs}\p{Zl}\p{Zp}]/u;
    const left = new RegExp(unseen, 'u');
    for (let code = 0; code < 0x110000; code++) {
      if (code >= 0xd800 && code < 0xe000) continue;
      const character = String.fromCodePoint(code);
      if (!unseen.test(character)) continue;
      expect(left.test(bareLabel(character).replaceAll('TAG ', ''))).toBe(false);
      expect(bareLabel(character).length).toBeGreaterThan(0);
      // A space inside a label is a space.
      if (character !== ' ') expect(left.test(bareLabel(`x${character}y`).replaceAll('TAG ', ''))).toBe(false);
    }
  });

  test('blank is what nothing is seen of', () => {
    expect(['', ' \t', '\u202e\u200b', '\u3164'].every(isBlank)).toBe(true);
    expect(['a', '\u0301', '👩‍💻', ' .'].some(isBlank)).toBe(false);
    expect(visibleSpace('a\t\tb')).toBe('a⇥⇥b');
  });
});

describe('the order of what is beside it', () => {
  test('right-to-left labels are isolated, others stay as they are', () => {
    expect(textLabel(' שלום')).toBe('\u2068שלום\u2069');
    expect(textLabel('cat')).toBe('cat');
    expect(textLabel('</s>')).toBe('</s>');
    // What isolates is never the token's own: that has a name.
    expect(textLabel('ש\u2069\u202e')).toBe('\u2068ש⟨PDI⟩⟨RLO⟩\u2069');
  });

  test('is cut inside its isolation', () => {
    expect(cutLabel(textLabel('שלום עולם וגם'), 5)).toBe('\u2068שלום…\u2069');
    expect(cutLabel('👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧', 2)).toBe('👩‍👩‍👧…');
  });

  test('directions', () => {
    expect(['abc', '1 שלום', '؟', '...', '<مرحبا>', '𞤀'].map(directionOf)).toEqual([
      'ltr',
      'rtl',
      null,
      null,
      'rtl',
      'rtl',
    ]);
    const own = (text: string, special = false) => ({ text, special });
    expect(directionOfTokens([own('[CLS]', true), own('“'), own('שלום'), own('ok')])).toBe('rtl');
    expect(directionOfTokens([own('[CLS]', true), own('12')])).toBe('ltr');
  });
});

test('parts of characters', () => {
  const parts = [{ index: 1, of: 3 }];
  expect(tokenLabel({ text: ' 今', parts })).toBe('今 1/3');
  expect(tokenLabel({ text: '今天', parts: [{ index: 3, of: 3 }, ...parts] })).toBe('今天 3/3, 1/3');
  expect(tokenLabel({ text: 'م', parts })).toBe('\u2068م 1/3\u2069');
  expect(tokenLabel(undefined)).toBe('–');
});

test('beside each other, tokens that would have one label show their white space', () => {
  const labels = (...texts: readonly string[]) => labelsApart(texts.map((text) => ({ text })));
  expect(labels(' h', 'h', ' cat', '\ncat', 'dog')).toEqual(['␣h', 'h', '␣cat', '⏎cat', 'dog']);
  expect(labels(' cat', ' dog')).toEqual(['cat', 'dog']);
  expect(labels(' שלום', 'שלום')).toEqual(['\u2068␣שלום\u2069', '\u2068שלום\u2069']);
  // Parts of characters that are alike stay so: there is no white space to show.
  expect(
    labelsApart([
      { text: '今', parts: [{ index: 1, of: 3 }] },
      { text: '今', parts: [{ index: 1, of: 3 }] },
    ]),
  ).toEqual(['今 1/3', '今 1/3']);
});
