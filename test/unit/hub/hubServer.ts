/** A local server that speaks the hub's layout: model page, paged tree, resolve with redirects to another origin, ranges, etags. */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface HubFile {
  readonly bytes: Uint8Array;
  /** In large-file storage: sha256, and a redirect to the other origin. */
  readonly lfs: boolean;
}

export interface Seen {
  readonly server: 'hub' | 'storage';
  readonly path: string;
  readonly range: string | undefined;
  readonly authorization: string | undefined;
}

/** What the server does to the next downloads. */
export interface Behaviour {
  /** Cuts the connection after so many bytes of each of the next responses. */
  cuts: number[];
  /** Sends so many bytes and then nothing more, until the connection is closed. */
  stallAfter: number | null;
  /** Answers these bytes flipped. */
  wrong: boolean;
  ignoreRanges: boolean;
  status: number | null;
  errorCode: string | null;
  /** Only with this token. */
  token: string | null;
  /** Says that the first range begins somewhere else. */
  oddRange: boolean;
  /** Sends more than it announced in the tree. */
  tooLong: boolean;
}

export const REVISION = '0123456789abcdef0123456789abcdef01234567';

/** An extension host in a browser asks across origins, as the hub allows it. */
const CORS = {
  'access-control-allow-origin': '*',
  'access-control-allow-headers': 'authorization, range',
  'access-control-expose-headers': 'link, etag, content-range, x-error-code',
} as const;

export class HubServer {
  readonly seen: Seen[] = [];
  readonly behaviour: Behaviour = {
    cuts: [],
    stallAfter: null,
    wrong: false,
    ignoreRanges: false,
    status: null,
    errorCode: null,
    token: null,
    oddRange: false,
    tooLong: false,
  };
  revision = REVISION;
  private readonly hub: Server = createServer((request, response) => this.answerHub(request, response));
  private readonly storage: Server = createServer((request, response) => this.answerStorage(request, response));

  constructor(
    private readonly id: string,
    readonly files: ReadonlyMap<string, HubFile>,
  ) {}

  async start(): Promise<void> {
    for (const server of [this.hub, this.storage])
      await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  }

  async stop(): Promise<void> {
    for (const server of [this.hub, this.storage]) {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    }
  }

  get url(): string {
    return origin(this.hub);
  }

  private note(server: Seen['server'], request: IncomingMessage): URL {
    const url = new URL(request.url ?? '/', this.url);
    this.seen.push({
      server,
      path: url.pathname,
      range: request.headers.range,
      authorization: request.headers.authorization,
    });
    return url;
  }

  private answerHub(request: IncomingMessage, response: ServerResponse): void {
    if (request.method === 'OPTIONS') {
      end(response, 204, {});
      return;
    }
    const url = this.note('hub', request);
    const { status, errorCode, token } = this.behaviour;
    if (token !== null && request.headers.authorization !== `Bearer ${token}`) {
      end(response, 401, { 'x-error-code': 'GatedRepo' });
      return;
    }
    if (status !== null) {
      end(response, status, errorCode === null ? {} : { 'x-error-code': errorCode });
      return;
    }
    const page = `/api/models/${this.id}`;
    if (url.pathname === `${page}/revision/main`) {
      end(
        response,
        200,
        {},
        JSON.stringify({
          id: this.id,
          sha: this.revision,
          gated: token !== null && 'manual',
          tags: ['onnx', 'license:mit'],
        }),
      );
      return;
    }
    if (url.pathname === `${page}/tree/${this.revision}`) {
      this.answerTree(url, response);
      return;
    }
    const resolve = `/${this.id}/resolve/${this.revision}/`;
    const path = decodeURIComponent(url.pathname.startsWith(resolve) ? url.pathname.slice(resolve.length) : '');
    const file = this.files.get(path);
    if (file === undefined) {
      end(response, 404, { 'x-error-code': 'EntryNotFound' });
      return;
    }
    if (file.lfs) {
      end(response, 302, { location: `${origin(this.storage)}/objects/${encodeURIComponent(path)}?signature=1` });
      return;
    }
    this.send(file, request, response);
  }

  private answerStorage(request: IncomingMessage, response: ServerResponse): void {
    if (request.method === 'OPTIONS') {
      end(response, 204, {});
      return;
    }
    const url = this.note('storage', request);
    const file = this.files.get(decodeURIComponent(url.pathname.slice('/objects/'.length)));
    if (file === undefined) end(response, 404, {});
    else this.send(file, request, response);
  }

  /** Two entries a page, as the hub does with a thousand. */
  private answerTree(url: URL, response: ServerResponse): void {
    const entries = [
      { type: 'directory', path: 'onnx', oid: '0'.repeat(40), size: 0 },
      { type: 'file', path: '../../evil', oid: '0'.repeat(40), size: 1 },
      ...[...this.files].map(treeEntry),
    ];
    const from = Number(url.searchParams.get('cursor') ?? 0);
    const more = from + 2 < entries.length;
    const headers: Record<string, string> = more
      ? { link: `<${this.url}${url.pathname}?recursive=true&cursor=${from + 2}>; rel="next"` }
      : {};
    end(response, 200, headers, JSON.stringify(entries.slice(from, from + 2)));
  }

  private send(file: HubFile, request: IncomingMessage, response: ServerResponse): void {
    const { behaviour } = this;
    const asked = behaviour.ignoreRanges ? null : /^bytes=(\d+)-$/u.exec(request.headers.range ?? '');
    const from = Number(asked?.[1] ?? 0);
    const honest = behaviour.tooLong ? Buffer.concat([file.bytes, file.bytes]) : file.bytes;
    const whole = behaviour.wrong ? file.bytes.map((byte) => byte ^ 1) : honest;
    const body = whole.subarray(from);
    const headers: Record<string, string> = {
      ...CORS,
      etag: `"${createHash('sha256').update(file.bytes).digest('hex')}"`,
      'content-length': String(body.length),
    };
    if (asked !== null)
      headers['content-range'] = `bytes ${behaviour.oddRange ? from + 1 : from}-${whole.length - 1}/${whole.length}`;
    response.writeHead(asked === null ? 200 : 206, headers);
    const cut = behaviour.cuts.shift();
    if (cut !== undefined) {
      response.write(body.subarray(0, cut), () => setTimeout(() => response.destroy(), 20));
    } else if (behaviour.stallAfter !== null) {
      response.write(body.subarray(0, behaviour.stallAfter));
    } else {
      response.end(body);
    }
  }
}

function treeEntry([path, { bytes, lfs }]: readonly [string, HubFile]): object {
  const gitOid = createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
  const oid = createHash('sha256').update(bytes).digest('hex');
  return {
    type: 'file',
    path,
    size: bytes.length,
    oid: gitOid,
    ...(lfs ? { lfs: { oid, size: bytes.length, pointerSize: 134 } } : {}),
  };
}

function origin(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function end(response: ServerResponse, status: number, headers: Readonly<Record<string, string>>, body = ''): void {
  response.writeHead(status, { ...CORS, ...headers });
  response.end(body);
}
