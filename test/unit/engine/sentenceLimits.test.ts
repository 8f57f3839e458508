import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { beginsWord, sentencesOf } from '../../../src/engine/text/sentenceLimits';
import { readWindow } from '../../../src/engine/text/window';
import { createTokenizer } from '../../../src/tokenizer';
import { asciiTokenizer } from '../../support/asciiTokenizer';

/** One character a token: a window of tokens is a window of characters. */
const tokenizer = createTokenizer({ tokenizer: new TextEncoder().encode(asciiTokenizer()) });
const THREE = 'One went home. Two stayed here. Three fell asleep.';
const read = (text: string, room: number, start = 0, sentencesBeyond = Infinity): string => {
  const { window } = readWindow(text, { tokenizer, promptLimit: room, sentencesBeyond }, start);
  return text.slice(window.startOffset, window.endOffset);
};
const sentences = (text: string): readonly string[] =>
  sentencesOf(text, tokenizer.encodeBody(text).tokens).map(({ start, end }) => text.slice(start, end).trim());

describe('sentences', () => {
  test('are those of Unicode, and every token is of one', () => {
    const { tokens } = tokenizer.encodeBody(THREE);
    const found = sentencesOf(THREE, tokens);
    expect(found.map(({ from, to }) => [from, to])).toEqual([
      [0, 15],
      [15, 32],
      [32, 50],
    ]);
    expect(sentences('Is it? It is! "Yes." No')).toEqual(['Is it?', 'It is!', '"Yes."', 'No']);
  });

  test('begin with their first word, where its token begins with the blank before it', () => {
    const text = 'One went home.  Two stayed.\n\nThree slept.';
    const tokens = [...text.matchAll(/\s?\w+|\s?[.]|\s/gu)].map(({ 0: piece, index }) => ({
      id: 0,
      text: piece,
      special: false,
      start: index,
      end: index + piece.length,
      partial: false,
    }));
    const words = sentencesOf(text, tokens).map(({ from, to }) => tokens.slice(from, to).map((token) => token.text));
    expect(words).toEqual([
      ['One', ' went', ' home', '.', ' '],
      [' Two', ' stayed', '.', '\n'],
      ['\nThree', ' slept', '.'],
    ]);
  });

  test('go on over the end of a full line, and end with a heading, a list’s line and a paragraph', () => {
    const full = 'This line is long enough to have been broken\nwhere it was full. And so on.';
    expect(sentences(full)).toEqual([full.slice(0, full.indexOf(' And')), 'And so on.']);
    expect(sentences('# A heading that is as long as a full line is\nText.\n- one\n- two')).toHaveLength(4);
    const { tokens } = tokenizer.encodeBody('A. B.\n\nC.\n \nD.');
    expect(sentencesOf('A. B.\n\nC.\n \nD.', tokens).map(({ paragraph }) => paragraph)).toEqual([0, 0, 1, 2]);
  });
});

describe('a part of a long text', () => {
  test('ends with the last sentence that fits, and begins with one', () => {
    expect(read(THREE, 40)).toBe('One went home. Two stayed here. ');
    expect(readWindow(THREE, { tokenizer, promptLimit: 40 }, 0).window).not.toHaveProperty('bySentence');
    expect(read(THREE, 32)).toBe('One went home. Two stayed here. ');
    expect(read(THREE, 31)).toBe('One went home. ');
    expect(read(THREE, 40, 32)).toBe('Three fell asleep.');
    // From within a sentence, all of it is read.
    expect(read(THREE, 20, 20)).toBe('Two stayed here. ');
  });

  test('is a sentence of the bundled model whole, whose tokens begin with the blank before a word', () => {
    const bundled = createTokenizer({ tokenizer: readFileSync('models/en-fr/tokenizer.json') });
    const { window } = readWindow(THREE, { tokenizer: bundled, promptLimit: 400, sentencesBeyond: 5 }, 0);
    expect(THREE.slice(window.startOffset, window.endOffset)).toBe('One went home.');
    expect(window.bySentence).toBe(true);
    const starts = (window.walk?.near ?? []).map(({ start }) => start);
    const parts = starts.map((start) => {
      const part = readWindow(THREE, { tokenizer: bundled, promptLimit: 400, sentencesBeyond: 5 }, start).window;
      return THREE.slice(part.startOffset, part.endOffset);
    });
    expect(parts).toEqual(['One went home.', ' Two stayed here.', ' Three fell asleep.']);
  });

  test('ends with a word where a sentence is longer, and inside of one where that is', () => {
    expect(read('alpha beta gamma delta', 13)).toBe('alpha beta ');
    expect(read('alpha beta gamma delta', 13, 8)).toBe('beta gamma ');
    expect(read('abcdefghijkl', 5, 3)).toBe('defgh');
  });

  test('walking from each part’s end to the next reads all of it once, whatever the room', () => {
    const text = `${THREE} ${'word after word after another word '.repeat(5)}. ${'x'.repeat(70)} End. ${THREE}`;
    for (let room = 1; room < 60; room++) {
      let all = '';
      for (let at = 0; at < text.length;) {
        const { window } = readWindow(text, { tokenizer, promptLimit: room }, at);
        expect([window.start, window.end - window.start <= room]).toEqual([at, true]);
        all += text.slice(window.start, window.end);
        at = window.end;
      }
      expect(all).toBe(text);
    }
  });

  test('is one sentence where the model was trained on no more', () => {
    expect(read(THREE, 400, 0, 60)).toBe(THREE);
    expect(read(THREE, 400, 0, 49)).toBe('One went home. ');
    expect(read(THREE, 400, 20, 49)).toBe('Two stayed here. ');
    expect(read(THREE, 10, 20, 49)).toBe('stayed ');
  });
});

test('a million characters are cut in no time, whether they are lines, sentences, words, one word or blanks', () => {
  for (const piece of ['A line of its own.\n', 'A sentence. ', 'word ', 'x', '\n', ' \r\n']) {
    const text = `Begin. ${piece.repeat(Math.ceil(1e6 / piece.length))}`;
    // Two tokens are enough: what takes long is the text.
    const tokens = [0, text.length - 1].map((start) => ({
      id: 1,
      text: 'x',
      special: false,
      start,
      end: start + 1,
      partial: false,
    }));
    const found = sentencesOf(text, tokens);
    expect([found[0]?.start, found.at(-1)?.end]).toEqual([0, text.length]);
    expect(beginsWord(text, { start: 0, end: text.length, from: 0, to: 2, paragraph: 0 }, tokens[1])).toBeTypeOf(
      'boolean',
    );
  }
});

describe('the walk', () => {
  const text = Array.from({ length: 300 }, (_, at) => `Sentence ${at} is here.${at % 3 === 2 ? '\n\n' : ' '}`).join('');
  const walkAt = (start: number) => readWindow(text, { tokenizer, promptLimit: 100 }, start).window;

  test('says which sentences are read, with those near them', () => {
    const { walk } = walkAt(0);
    expect(walk).toMatchObject({ sentences: 300, first: 0, current: 0, through: 3, paragraphBefore: null });
    expect(walk?.near).toHaveLength(51);
    expect(walk?.near[1]).toEqual({ start: 20, paragraph: 0, text: 'Sentence 1 is here.' });
  });

  test('leads to the paragraphs before and after, and first to the beginning of its own', () => {
    const second = walkAt(0).walk?.near[4]?.start ?? -1;
    const { walk } = walkAt(second);
    expect(walk?.current).toBe(4);
    expect(walk?.paragraphBefore).toBe(walk?.near[3]?.start);
    expect(walk?.paragraphAfter).toBe(walk?.near[6]?.start);
    expect(walkAt(walk?.near[3]?.start ?? -1).walk?.paragraphBefore).toBe(0);
    const last = walkAt(text.length - 1).walk;
    expect([last?.current, last?.paragraphAfter]).toEqual([299, null]);
  });

  test('is left out where all is read', () => {
    expect(readWindow(THREE, { tokenizer, promptLimit: 60 }, 0).window.walk).toBeUndefined();
  });
});
