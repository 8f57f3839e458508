/** Links to stations of the lesson: made for what is on show, and followed when VS Code is asked to open one. */
import * as vscode from 'vscode';
import { LESSON_PATH, lessonPlaceIn, lessonQuery } from '../../protocol/lessonLink';
import type { LessonPlace } from '../../protocol/lessonPlace';
import { say } from '../../text/say';
import { warn } from '../messages';

/** @param extension its identifier, `publisher.name` */
export const lessonLink = (extension: string, place: LessonPlace): string =>
  `${vscode.env.uriScheme}://${extension}${LESSON_PATH}?${lessonQuery(place)}`;

/** Follows links; one that names no station is told, and nothing else is done. */
export function followLessonLinks(): vscode.Disposable {
  return vscode.window.registerUriHandler({
    handleUri({ path, query }) {
      const place = path === LESSON_PATH ? lessonPlaceIn(query) : undefined;
      if (place) void vscode.commands.executeCommand('explainAttention.howItWorks', place);
      else void warn(say('host.badLink'));
    },
  });
}
