/**
 * The text that cross-attention's heads are measured on as aligners: English sentences, their French translations, and
 * which word goes with which, aligned by hand for this extension. Short and plain, but French order differs where it can:
 * adjectives after their noun, pronouns before the verb, both halves of a negation.
 */

/** Links in Pharaoh format, `English-French`, of words and marks counted from 0 as `wordLimits` has them. */
export interface AlignedPair {
  readonly english: string;
  readonly french: string;
  /** What nobody would align otherwise. */
  readonly sure: string;
  /** What one may align or leave: articles, auxiliaries, the first half of a negation. The sure ones are possible too. */
  readonly possible: string;
}

export const ALIGNED_PAIRS: readonly AlignedPair[] = [
  {
    english: 'The old dog sleeps in the garden.',
    french: 'Le vieux chien dort dans le jardin.',
    sure: '0-0 1-1 2-2 3-3 4-4 5-5 6-6 7-7',
    possible: '',
  },
  {
    english: 'The white cat drinks cold milk.',
    french: 'Le chat blanc boit du lait froid.',
    sure: '0-0 1-2 2-1 3-3 4-6 5-5 6-7',
    possible: '5-4',
  },
  {
    english: 'He did not open the letter.',
    french: "Il n'a pas ouvert la lettre.",
    sure: '0-0 2-3 3-4 4-5 5-6 6-7',
    possible: '1-2 2-1 3-2',
  },
  {
    english: 'Select the text, then press the red button.',
    french: 'Sélectionnez le texte, puis appuyez sur le bouton rouge.',
    sure: '0-0 1-1 2-2 3-3 4-4 5-5 6-7 7-9 8-8 9-10',
    possible: '5-6',
  },
  {
    english: 'This function returns the name of the current user.',
    french: "Cette fonction renvoie le nom de l'utilisateur actuel.",
    sure: '0-0 1-1 2-2 3-3 4-4 5-5 6-6 7-8 8-7 9-9',
    possible: '',
  },
  {
    english: 'My sister bought two small green chairs.',
    french: 'Ma sœur a acheté deux petites chaises vertes.',
    sure: '0-0 1-1 2-3 3-4 4-5 5-7 6-6 7-8',
    possible: '2-2',
  },
  {
    english: 'I gave her the keys yesterday.',
    french: 'Hier je lui ai donné les clés.',
    sure: '0-1 1-4 2-2 3-5 4-6 5-0 6-7',
    possible: '1-3',
  },
  {
    english: 'You can change the font size in the settings.',
    french: 'Vous pouvez modifier la taille de la police dans les paramètres.',
    sure: '0-0 1-1 2-2 3-3 4-7 5-4 6-8 7-9 8-10 9-11',
    possible: '3-6 4-5 4-6',
  },
  {
    english: 'The water in the lake is very deep.',
    french: "L'eau du lac est très profonde.",
    sure: '0-0 1-1 4-3 5-4 6-5 7-6 8-7',
    possible: '2-2 3-2',
  },
  {
    english: 'If the file is missing, the program shows an error message.',
    french: "Si le fichier est absent, le programme affiche un message d'erreur.",
    sure: '0-0 1-1 2-2 3-3 4-4 5-5 6-6 7-7 8-8 9-9 10-12 11-10 12-13',
    possible: '10-11',
  },
  {
    english: 'We saw three black birds on the roof of your house.',
    french: 'Nous avons vu trois oiseaux noirs sur le toit de ta maison.',
    sure: '0-0 1-2 2-3 3-5 4-4 5-6 6-7 7-8 8-9 9-10 10-11 11-12',
    possible: '1-1',
  },
  {
    english: 'She never reads long books in the evening.',
    french: 'Elle ne lit jamais de longs livres le soir.',
    sure: '0-0 1-3 2-2 3-5 4-6 6-7 7-8 8-9',
    possible: '1-1 4-4 5-7',
  },
];
