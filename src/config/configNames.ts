/** The names under which the model families of `transformers` (and those who followed them) keep the same number. */

export const LAYERS = [
  'num_hidden_layers',
  'n_layer',
  'n_layers',
  'num_layers',
  'num_transformer_layers',
  'depth',
] as const;
export const HEADS = [
  'num_attention_heads',
  'n_head',
  'n_heads',
  'num_heads',
  'num_query_heads',
  'attention_heads',
] as const;

/** What is named for one side of an encoder-decoder; the general names stand for both. */
export const SIDED = {
  encoder: {
    layers: ['encoder_layers', 'num_encoder_layers'],
    heads: ['encoder_attention_heads', 'num_encoder_attention_heads', 'encoder_num_attention_heads'],
  },
  decoder: {
    layers: ['decoder_layers', 'num_decoder_layers'],
    heads: ['decoder_attention_heads', 'num_decoder_attention_heads', 'decoder_num_attention_heads'],
  },
} as const;

export const KV_HEADS = ['num_key_value_heads', 'num_kv_heads', 'n_head_kv', 'multi_query_group_num'] as const;
export const HEAD_DIMENSION = ['head_dim', 'd_kv', 'attention_head_size', 'head_size', 'attention_head_dim'] as const;
export const MODEL_WIDTH = ['hidden_size', 'd_model', 'n_embd', 'dim', 'model_dim'] as const;
export const POSITIONS = [
  'max_position_embeddings',
  'n_positions',
  'max_sequence_length',
  'max_seq_len',
  'seq_length',
  'n_ctx',
] as const;
export const VOCABULARY = ['decoder_vocab_size', 'vocab_size', 'padded_vocab_size'] as const;

/** Where composed configs (vision-encoder-decoder, multi-modal, two towers) keep the config of one side, the likeliest first. */
export const PARTS = {
  encoder: ['encoder', 'text_encoder', 'text_config', 'vision_config', 'audio_config'],
  decoder: ['decoder', 'text_config', 'language_config', 'llm_config', 'thinker_config', 'generator'],
} as const;
/** How many tokens the state-space layers of a hybrid model read at once. */
export const CHUNK = ['mamba_chunk_size', 'chunk_size'];
