/**
 * The probe set: the sentences that a model's heads are measured on. They are English and of many forms, so that no head scores high
 * because of one text's habits.
 */

/** With names and numbers that a translation keeps as they are: where these are written, what they come from is known. */
export const SENTENCES_WITH_NAMES: readonly string[] = [
  'In 1987 Anna met Peter in Berlin.',
  'The train to Madrid leaves at 14:35 from platform 7.',
  'Maria paid 250 euros for the table, and Carlos paid 90 for the chairs.',
  'Version 3.2 was written by David and Sarah in 2016.',
  'On page 48 of the book, Martin explains the work of Newton.',
  'The flight from Paris to Tokyo takes 12 hours.',
  'Laura has 3 brothers: Thomas, Simon and Daniel.',
  'Call Robert at 555 before 18:00.',
  'The museum in Vienna has 640 paintings, and the one in Oslo has 310.',
  'Oliver was born in Toronto in 1994, and Emma in Boston in 1996.',
  'Windows 11 and Linux can both open this file.',
  'The team of Julia won by 5 to 2 against the team of Hannah.',
  'There are 26 letters, but only 10 digits.',
  'Send 400 copies to Hamburg and 175 to Milan.',
  'Python was made by Guido in 1991.',
  'The bridge is 820 metres long and 32 metres high.',
  'After the meeting in Lisbon, Victor went back to Dublin.',
  'Room 204 is for Nora, and room 207 is for Felix.',
  'The temperature fell from 21 to 8 degrees in 6 hours.',
  'Sofia lives in Prague, Marco in Turin and Erik in Bergen.',
  'Port 8080 is used by Docker, and port 443 by the server.',
  'Chapter 12 was added by Leonard in 2009.',
  'The company from Osaka sold 1500 cars in Texas.',
  'In the photograph are Clara, Hugo, Oscar and Iris.',
];

/** Statements, questions, commands, lists, speech, code and prose; words and names that come back; long and short. */
const OTHER_SENTENCES: readonly string[] = [
  'The cat sat on the mat because it was tired.',
  'Where did you put the keys?',
  'Close the door, please!',
  'She reads a book, and he reads the newspaper.',
  'The animal did not cross the street because it was too wide.',
  'Although it rained all day, the children played in the garden until the evening.',
  'Bread, butter, cheese, apples, and a bottle of water.',
  '"I will come tomorrow," she said, "if the weather is good."',
  'The old man who lives by the sea knows the name of every ship.',
  'Nobody knows what the new law will change.',
  'This function returns the sum of all values in the list.',
  'If the file cannot be opened, the program prints an error and stops.',
  'for (let i = 0; i < length; i++) total += values[i];',
  'The more he practised, the better he played.',
  'The river that runs through the town has not been so low for years.',
  'We bought the house, painted the house, and sold the house.',
  'Is it true that the moon has no air?',
  'It is not the strongest who win; it is those who wait.',
  'A teacher asked a question, a student answered it, and the teacher smiled.',
  'Some people like coffee, some people like tea, and some people like neither.',
  'What the report says (and what it leaves out) will be discussed on Monday.',
  'Birds sing.',
  'The judge, who had listened in silence, asked the witness to repeat what the driver had said.',
  'Snow covered the roofs, the streets, the trees and the fields.',
  'He opened the letter, read it twice, folded it and put it back into the envelope.',
  'Small steps are better than no steps.',
];

/** The whole probe set: fifty sentences. */
export const PROBE_SENTENCES: readonly string[] = [...SENTENCES_WITH_NAMES, ...OTHER_SENTENCES];
