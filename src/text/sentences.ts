/** All sentences: by room, and those of the webview by view. English, typographic quotes, one clear sentence that says what to do next. */
import { ATTENTION } from './rooms/attentionSentences';
import { CONFIG } from './rooms/configSentences';
import { ENGINE } from './rooms/engineSentences';
import { HOST } from './rooms/hostSentences';
import { HUB } from './rooms/hubSentences';
import { JSON_FILES } from './rooms/jsonSentences';
import { LESSON } from './rooms/lessonSentences';
import { MEASURE } from './rooms/measureSentences';
import { ONNX } from './rooms/onnxSentences';
import { SESSION } from './rooms/sessionSentences';
import { TOKENIZER } from './rooms/tokenizerSentences';
import { TRANSFORMER } from './rooms/transformerSentences';
import { ERRORS } from './rooms/errorsSentences';
import { PROTOCOL } from './rooms/protocolSentences';
import { ABLATION_VIEWS } from './webview/ablationSentences';
import { ALIGNMENT_VIEWS } from './webview/alignmentSentences';
import { COMPARE_VIEW } from './webview/compareSentences';
import { ATTRIBUTION_VIEW } from './webview/attributionSentences';
import { FRAME_VIEWS } from './webview/frameSentences';
import { GENERATION_VIEWS } from './webview/generationSentences';
import { HEAD_VIEWS } from './webview/headsSentences';
import { LENS_VIEW } from './webview/lensSentences';
import { MATRIX_VIEWS } from './webview/matrixSentences';
import { SHOWN_NAMES } from './webview/nameSentences';
import { TASK_VIEW } from './webview/taskSentences';
import { TEXT_VIEWS } from './webview/textSentences';

export const SENTENCES = {
  ...ATTENTION,
  ...CONFIG,
  ...ENGINE,
  ...HOST,
  ...HUB,
  ...JSON_FILES,
  ...LESSON,
  ...MEASURE,
  ...ONNX,
  ...SESSION,
  ...TOKENIZER,
  ...TRANSFORMER,
  ...ABLATION_VIEWS,
  ...ALIGNMENT_VIEWS,
  ...COMPARE_VIEW,
  ...ATTRIBUTION_VIEW,
  ...FRAME_VIEWS,
  ...GENERATION_VIEWS,
  ...HEAD_VIEWS,
  ...LENS_VIEW,
  ...MATRIX_VIEWS,
  ...SHOWN_NAMES,
  ...TASK_VIEW,
  ...TEXT_VIEWS,
  ...ERRORS,
  ...PROTOCOL,
} as const;
