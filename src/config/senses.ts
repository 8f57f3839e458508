/**
 * What a model reads where it is not text alone: pictures, sound, both beside text. The graphs' own inputs decide;
 * config.json says how to call it, and answers alone where there are no graphs to look at.
 */
import { asObject, asTexts } from '../json/fields';
import type { TensorSignature } from '../onnx/types';
import type { SentenceKey } from '../text/say';
import { readModelConfig } from './modelConfig';

/** Key of the sentence that says what a model reads. */
export type Sense = Extract<SentenceKey, `config.${string}`>;

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

// Values of `model_type` in `transformers`.
const PICTURES = words(`
  vit deit beit swin swinv2 swin2sr dinov2 dinov2_with_registers dinov3_vit dinov3_convnext convnext convnextv2 resnet
  mobilevit mobilevitv2 mobilenet_v1 mobilenet_v2 segformer detr yolos rt_detr rt_detr_v2 d_fine conditional_detr
  deformable_detr table-transformer dpt glpn sam sam2 clip_vision_model siglip_vision_model vit_mae vit_msn levit pvt
  pvt_v2 poolformer cvt data2vec-vision efficientnet regnet maskformer mask2former depth_anything hiera donut-swin
  upernet superpoint timm_wrapper imagegpt vitpose vitmatte ijepa zoedepth bit focalnet nat dinat van vit_hybrid
  efficientformer swiftformer seggpt oneformer mgp-str depth_pro`);
const PICTURES_TO_TEXT = words('vision-encoder-decoder trocr pix2struct donut nougat got_ocr2 florence2 git');
const PICTURES_AND_TEXT = words(`
  llava llava_next llava_onevision llava_qwen2 vilt visual_bert blip-2 instructblip idefics idefics2 idefics3 smolvlm
  paligemma qwen2_vl qwen2_5_vl qwen3_vl mllama gemma3 gemma3n phi3_v phi4mm moondream1 bridgetower flava fuyu kosmos-2
  pixtral mistral3 internvl janus multi_modality aya_vision lxmert udop layoutlmv2 layoutlmv3 ultravox_vision`);
const PICTURE_TOWERS = words(`
  clip siglip siglip2 altclip chinese_clip clipseg groupvit align xclip owlvit owlv2 blip metaclip_2 jina_clip
  vision-text-dual-encoder grounding-dino omdet-turbo`);
const VIDEO = words('timesformer videomae vivit vjepa2');
const SOUND = words(`
  wav2vec2 wav2vec2-bert wav2vec2-conformer hubert wavlm unispeech unispeech-sat sew sew-d data2vec-audio
  audio-spectrogram-transformer encodec dac mimi snac pyannet mctct univnet wespeaker-resnet clap_audio_model`);
const SOUND_TO_TEXT = words(
  'whisper speech_to_text speech-encoder-decoder moonshine lite-whisper kyutai_speech_to_text',
);
const SOUND_AND_TEXT = words('seamless_m4t seamless_m4t_v2 qwen2_audio qwen2_5_omni voxtral ultravox granite_speech');
const MAKES_SOUND = words(
  'speecht5 vits bark musicgen musicgen_melody parler_tts fastspeech2_conformer csm style_text_to_speech_2',
);
const SERIES = words('time_series_transformer informer autoformer patchtst patchtsmixer timesfm');

const BY_TYPE: readonly (readonly [ReadonlySet<string>, Sense])[] = [
  [PICTURES, 'config.readsPictures'],
  [PICTURES_TO_TEXT, 'config.readsPicturesWritesText'],
  [PICTURES_AND_TEXT, 'config.readsPicturesAndText'],
  [PICTURE_TOWERS, 'config.comparesPicturesAndTexts'],
  [VIDEO, 'config.readsVideo'],
  [SOUND, 'config.readsSound'],
  [SOUND_TO_TEXT, 'config.readsSoundWritesText'],
  [SOUND_AND_TEXT, 'config.readsSoundAndText'],
  [new Set(['clap']), 'config.comparesSoundsAndTexts'],
  [MAKES_SOUND, 'config.makesSound'],
  [SERIES, 'config.readsSeries'],
];

/** Names of tasks, as the hub tags models with them. */
const BY_TASK: Readonly<Record<string, Sense>> = {
  'image-classification': 'config.readsPictures',
  'image-feature-extraction': 'config.readsPictures',
  'image-segmentation': 'config.readsPictures',
  'image-to-image': 'config.readsPictures',
  'object-detection': 'config.readsPictures',
  'depth-estimation': 'config.readsPictures',
  'mask-generation': 'config.readsPictures',
  'keypoint-detection': 'config.readsPictures',
  'zero-shot-image-classification': 'config.comparesPicturesAndTexts',
  'zero-shot-object-detection': 'config.comparesPicturesAndTexts',
  'image-to-text': 'config.readsPicturesWritesText',
  'image-text-to-text': 'config.readsPicturesAndText',
  'visual-question-answering': 'config.readsPicturesAndText',
  'document-question-answering': 'config.readsPicturesAndText',
  'video-classification': 'config.readsVideo',
  'automatic-speech-recognition': 'config.readsSoundWritesText',
  'audio-classification': 'config.readsSound',
  'audio-to-audio': 'config.readsSound',
  'audio-text-to-text': 'config.readsSoundAndText',
  'zero-shot-audio-classification': 'config.comparesSoundsAndTexts',
  'text-to-speech': 'config.makesSound',
  'text-to-audio': 'config.makesSound',
  'time-series-forecasting': 'config.readsSeries',
};

/** What config.json alone says; undefined for models that read text, or where it says nothing. */
export function senseOfConfig(config: unknown): Sense | undefined {
  const { modelType, architectures } = readModelConfig(config);
  const top = asObject(config);
  const known = senseOfType(modelType) ?? senseOfArchitectures(architectures);
  if (known) return known;
  const inner = (name: string): boolean => asObject(top?.[name]) !== undefined;
  const text = inner('text_config') || inner('llm_config') || inner('language_config');
  if (inner('vision_config')) return text ? 'config.readsPicturesAndText' : 'config.readsPictures';
  if (inner('audio_config')) return text ? 'config.readsSoundAndText' : 'config.readsSound';
  // A composed encoder-decoder reads what its encoder reads, and writes text.
  const [encoder] = asTexts(asObject(top?.['encoder'])?.['model_type']);
  const reads = encoder === undefined ? undefined : senseOfType(encoder);
  if (reads === 'config.readsPictures') return 'config.readsPicturesWritesText';
  return reads === 'config.readsSound' ? 'config.readsSoundWritesText' : reads;
}

/** What the tags on a model's page say. */
export function senseOfTags(tags: readonly string[]): Sense | undefined {
  for (const tag of tags) if (Object.hasOwn(BY_TASK, tag)) return BY_TASK[tag];
  return undefined;
}

function senseOfType(type: string): Sense | undefined {
  return BY_TYPE.find(([types]) => types.has(type))?.[1];
}

function senseOfArchitectures(names: readonly string[]): Sense | undefined {
  const some = (pattern: RegExp): boolean => names.some((name) => pattern.test(name));
  if (some(/ForImage|ForObjectDetection|ForDepthEstimation|ForSemanticSegmentation|VisionModel/))
    return 'config.readsPictures';
  if (some(/ForVideo/)) return 'config.readsVideo';
  if (some(/ForSpeechSeq2Seq/)) return 'config.readsSoundWritesText';
  return some(/ForCTC|ForAudio/) ? 'config.readsSound' : undefined;
}

type Kind = 'tokens' | 'pictures' | 'video' | 'sound' | 'series' | 'embeddings' | 'other';

/** Names of what stands beside what is read: masks, caches, places. */
const NO_CONTENT = /mask|past|present|cache|pkv|state|hidden|position|key|value$/;

/** What one input carries, by its name and, for pictures, by its shape [batch, channels, height, width]. */
function kindOfInput({ name, type, dims }: TensorSignature): Kind {
  const float = type === 'float32' || type === 'float16';
  if (/^(?:decoder_)?input_ids$|^input_word_ids$/.test(name)) return 'tokens';
  if (/^(?:past|future)_(?:values|time)/.test(name)) return 'series';
  if (/mask|past|present|cache|encoder_hidden|encoder_outputs|encoder_last|position/.test(name)) return 'other';
  if (/video/.test(name)) return 'video';
  if (/pixel|image|picture/.test(name) || (float && dims?.length === 4 && dims[1] === 3 && !NO_CONTENT.test(name)))
    return 'pictures';
  if (/^input_features$|^input_values$|audio|wave|speech|spectrogram|^mel/.test(name)) return 'sound';
  if (/inputs_embeds$|^input_embeds$/.test(name)) return 'embeddings';
  const perToken = (dims?.length ?? 2) === 2 && !/token_type|segment|bbox|length|logits|lang/.test(name);
  return perToken && (type === 'int64' || type === 'int32') ? 'tokens' : 'other';
}

/** Grey, colours, colours with transparency. */
const CHANNELS: readonly (number | string | null)[] = [1, 3, 4];

/** What an input carries by its shape alone, in a file that takes no tokens: pixels as floats or bytes, the channels first or last. */
function kindByShape({ name, type, dims }: TensorSignature): Kind {
  const isPixel = type === 'float32' || type === 'float16' || type === 'uint8';
  if (!isPixel || !dims || NO_CONTENT.test(name)) return 'other';
  const places = [dims[1], dims.at(-1), ...(dims.length === 5 ? [dims[2]] : [])];
  if (!places.some((size) => CHANNELS.includes(size ?? null))) return 'other';
  if (dims.length === 5) return 'video';
  return dims.length === 4 ? 'pictures' : 'other';
}

/** What the inputs of one file carry. */
function kindsIn(inputs: readonly TensorSignature[]): ReadonlySet<Kind> {
  const kinds = new Set(inputs.map(kindOfInput));
  const isNamed = [...kinds].some((kind) => kind !== 'other');
  return isNamed ? kinds : new Set(inputs.map(kindByShape));
}

/**
 * What a model reads that is not text, where there is such a thing.
 * @param config parsed config.json
 * @param graphs the inputs of each of its files
 */
export function senseOf(config: unknown, graphs: readonly (readonly TensorSignature[])[]): Sense | undefined {
  const kinds = graphs.map(kindsIn);
  const some = (kind: Kind): boolean => kinds.some((set) => set.has(kind));
  const told = senseOfConfig(config);
  const together = (kind: Kind): boolean => kinds.some((set) => set.has(kind) && set.has('tokens'));
  if (some('video')) return 'config.readsVideo';
  for (const [kind, name] of [
    ['pictures', 'Pictures'],
    ['sound', 'Sound'],
  ] as const) {
    if (!some(kind)) continue;
    if (told?.includes(name)) return told;
    if (together(kind)) return `config.reads${name}AndText`;
    return graphs.length > 1 ? `config.reads${name}WritesText` : `config.reads${name}`;
  }
  if (some('series')) return 'config.readsSeries';
  if (some('tokens')) return told === 'config.makesSound' ? told : undefined;
  return told ?? (some('embeddings') ? 'config.readsEmbeddings' : undefined);
}
