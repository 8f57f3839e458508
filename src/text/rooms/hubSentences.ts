/** Sentences of the room `hub`. Keys begin with `hub.`. */
export const HUB = {
  'hub.offline': '{host} cannot be reached; check the network or proxy and try again: what was downloaded is kept.',
  'hub.stalled': '{host} sent nothing for {seconds} seconds; try again later: what was downloaded is kept.',
  'hub.badResponse':
    '{host} gave an answer that makes no sense here; check the setting explainAttention.hub.url or try again later.',
  'hub.notFound': '{what} was not found on {host}; check its spelling (owner/name), and whether it is private.',
  'hub.gated':
    '{what} may be downloaded only after its terms were accepted on {host}; accept them there and give Explain Attention an access token.',
  'hub.tokenNeedsHttps':
    '{what} needs an access token, which is sent over https only and {host} is asked over http; set explainAttention.hub.url to an https address.',
  'hub.tooManyRequests':
    '{host} asks to wait because of too many requests; try again in some minutes: what was downloaded is kept.',
  'hub.diskFull':
    'The disk is full, so the model could not be stored; make room or remove a downloaded model and try again: what was downloaded is kept.',
  'hub.notWritten':
    'The model could not be written to the extension’s storage; check the disk and its permissions and try again.',
  'hub.noAddress':
    'The setting explainAttention.hub.url is not an http or https address; set it to one, such as https://huggingface.co.',
  'hub.addressWithPassword':
    'The setting explainAttention.hub.url has a name or password in it (user:password@), which is never sent; take it out of the address, and use “Explain Attention: Set Hugging Face Access Token…” instead.',
  'hub.listingTooLong':
    '{what} lists more than {most}, which no model needs, so it was not taken; choose another model or check explainAttention.hub.url.',
  'hub.wrongChecksum':
    'The file {path} of {id} is not what the hub says it should be (its checksum differs), so it was thrown away; download the model again.',
  'hub.notWholeOnDisk':
    'The file {path} of {id} is not whole on the disk, so it was thrown away; download the model again.',
  'hub.busy':
    '{id} is being downloaded or removed now, here or in another window; wait until that has ended and try again.',
  'hub.lockLost': 'Another window has taken over the download of {id}; wait until it has ended and try again.',
  'hub.noSuchFile': 'The model {id} has no file {path} here; download the model again.',
  'hub.changed':
    'The model {id} was removed or replaced by another revision meanwhile; choose it again in “Choose Model…”.',
  'hub.damaged': 'The stored file {path} of {id} is damaged; remove the model and download it again.',
  'hub.what.quotedModel': 'The model “{id}”',
  'hub.what.model': 'The model {id}',
  'hub.what.file': 'The file {path} of {id}',
  'hub.what.files': '{count} files',
  'hub.what.megabytes': '{count} MB',
} as const;
