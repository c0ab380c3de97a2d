import { spawn } from 'node:child_process';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import { type AddressInfo } from 'node:net';
import { buffer, json, text } from 'node:stream/consumers';
import {
  type Brief,
  EventBatch,
  type MailboxItem,
  type RunnerEvent,
} from '../../protocol/runner.ts';
import { PushShown, type PushVerdict } from '../../protocol/power.ts';
import { type SetupAnswer, SetupRequest } from '../../protocol/setup.ts';
import { BRANCH } from './repositories.ts';

/** What a request is about, as far as a test may hold it. */
export type Held = 'git-upload-pack' | 'git-receive-pack' | 'second model call' | null;

/** A tool that the model calls, or words that end what it was asked. */
export type ModelAnswer = { id: string; tool: string; input: object } | { words: string };

/** All that a runner can reach, in memory: one task, one repository, a model that writes one file. */
export type FakeGateway = {
  url: string;
  brief: Brief;
  /** Events in the order in which they came. */
  events: RunnerEvent['body'][];
  checkpoints: { part: string; bytes: number }[];
  /** What the repository's sandboxes are given, and what of it was asked for. */
  setup: Pick<SetupAnswer, 'values' | 'missing'>;
  setupAsked: SetupRequest['for'][];
  /** What waits for the runner, until it acknowledges. */
  mail: MailboxItem[];
  /** The newest of each part of the checkpoint; a set-up's with its key. */
  kept: Map<string, { body: Buffer; key: string }>;
  /** Files of the task, by their ids. */
  files: Map<string, Buffer>;
  /** What Claude Code sent to the model, a body a call. */
  calls: string[];
  /** What the model answers in place of the one file, a call after the other; then it ends. */
  script: ModelAnswer[];
  /** What was shown of pushes, and what is said of the next ones; to the others, that they are clear. */
  pushes: PushShown[];
  verdicts: PushVerdict[];
  /** Called before the model's answer that ends the first turn. */
  onFirstEnd: () => void;
  /** How long a checkpoint takes to be answered. */
  checkpointMs: number;
  /** Resolves when the held request has come; it is never answered. */
  reached: Promise<void>;
  stop(): Promise<void>;
};

const COMMAND = "echo made > made.txt && git add --all && git commit --quiet -m 'Make it'";
const HANDOVER = { summary: 'Made it.', title: 'Make it', body: 'Made.' };

function sse(response: ServerResponse, block: object, delta: object, stop: string): void {
  const usage = { input_tokens: 1, output_tokens: 1 };
  const message = {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'claude-opus-5-5',
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage,
  };
  const events = [
    { type: 'message_start', message },
    { type: 'content_block_start', index: 0, content_block: block },
    { type: 'content_block_delta', index: 0, delta },
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: { stop_reason: stop, stop_sequence: null }, usage },
    { type: 'message_stop' },
  ];
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.end(
    events.map((one) => `event: ${one.type}\ndata: ${JSON.stringify(one)}\n\n`).join(''),
  );
}

const MAKE: ModelAnswer = {
  id: 'toolu_1',
  tool: 'Bash',
  input: { command: COMMAND, description: 'Make it' },
};
const END: ModelAnswer = { words: `Done.\n\n\`\`\`json\n${JSON.stringify(HANDOVER)}\n\`\`\`` };

function answerWith(response: ServerResponse, answer: ModelAnswer): void {
  if ('words' in answer) {
    const delta = { type: 'text_delta', text: answer.words };
    sse(response, { type: 'text', text: '' }, delta, 'end_turn');
    return;
  }
  const { id, tool, input } = answer;
  const delta = { type: 'input_json_delta', partial_json: JSON.stringify(input) };
  sse(response, { type: 'tool_use', id, name: tool, input: {} }, delta, 'tool_use');
}

/** git's own smart HTTP server for one request. https://git-scm.com/docs/git-http-backend */
function serveGit(request: IncomingMessage, response: ServerResponse, origin: string, url: URL) {
  const child = spawn('git', ['-c', 'http.receivepack=true', 'http-backend'], {
    env: {
      PATH: process.env.PATH,
      GIT_PROJECT_ROOT: origin,
      GIT_HTTP_EXPORT_ALL: '1',
      PATH_INFO: url.pathname.replace(/^.*\.git/, ''),
      QUERY_STRING: url.search.slice(1),
      REQUEST_METHOD: request.method ?? 'GET',
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
      GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
      REMOTE_USER: 'runner',
    },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  request.pipe(child.stdin);
  void buffer(child.stdout).then((output) => {
    const end = output.indexOf('\r\n\r\n');
    for (const line of output.subarray(0, end).toString().split('\r\n')) {
      const [name = '', value = ''] = line.split(': ');
      if (name === 'Status') response.statusCode = Number.parseInt(value, 10);
      else response.setHeader(name, value);
    }
    response.end(output.subarray(end + 4));
  });
}

export async function startFakeGateway(origin: string, held: Held): Promise<FakeGateway> {
  const { promise: reached, resolve: reach } = Promise.withResolvers<void>();
  async function onModel(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    // Claude Code's own small calls have no tools.
    if (body.includes('"name":"Bash"')) gateway.calls.push(body);
    const modelCalls = gateway.calls.length;
    if (modelCalls === 2) gateway.onFirstEnd();
    if (modelCalls >= 2 && held === 'second model call') {
      reach();
    } else answerWith(response, gateway.script[modelCalls - 1] ?? END);
  }

  async function onRequest(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://gateway');
    const path = url.pathname.replace('/gateway/', '');
    const answer = (value: unknown) => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(value));
    };
    if (path === 'brief') answer(gateway.brief);
    else if (path === 'setup') {
      const { for: wanted } = SetupRequest.parse(await json(request));
      gateway.setupAsked.push(wanted);
      const { values, missing } = gateway.setup;
      const given = values.filter(({ during }) => wanted === 'setup' || during === 'work');
      const names = values.map(({ name }) => name);
      answer({ values: given, names, missing } satisfies SetupAnswer);
    } else if (path === 'push') {
      gateway.pushes.push(PushShown.parse(await json(request)));
      answer(gateway.verdicts.shift() ?? { is: 'clear' });
    } else if (path === 'turn') answer({ hasMail: false, model: 'claude-opus-5-5' });
    else if (path === 'mailbox') {
      setTimeout(() => answer({ items: gateway.mail }), gateway.mail.length > 0 ? 50 : 300);
    } else if (path === 'events') {
      const batch = EventBatch.parse(await json(request));
      gateway.events.push(...batch.events.map(({ body }) => body));
      gateway.mail = gateway.mail.filter(({ id }) => !batch.acknowledged.includes(id));
      answer({ stored: batch.events.at(-1)?.number ?? 0 });
    } else if (path.startsWith('checkpoints/')) {
      const part = path.slice('checkpoints/'.length);
      if (request.method === 'GET') {
        const kept = gateway.kept.get(part);
        response.writeHead(kept === undefined ? 404 : 200).end(kept?.body);
        return;
      }
      const body = await buffer(request);
      gateway.kept.set(part, { body, key: String(request.headers['x-mainloop-setup']) });
      gateway.checkpoints.push({ part, bytes: body.byteLength });
      setTimeout(() => response.writeHead(204).end(), gateway.checkpointMs);
    } else if (path.startsWith('attachments/')) {
      const file = gateway.files.get(path.slice('attachments/'.length));
      response.writeHead(file === undefined ? 404 : 200).end(file);
    } else if (path.startsWith('model/')) await onModel(request, response);
    else if (held !== null && request.method === 'POST' && path.endsWith(held)) reach();
    else if (path.startsWith('git/')) serveGit(request, response, origin, url);
    else response.writeHead(404).end();
  }

  const server = createServer((request, response) => {
    onRequest(request, response).catch((error: unknown) => {
      response.writeHead(500).end(String(error));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const gateway: FakeGateway = {
    url: `http://127.0.0.1:${port}/gateway`,
    brief: {
      taskId: '01ARZ3NDEKTSV4RRFFQ69G5FAV',
      generation: 1,
      title: 'Make it',
      prompt: 'Make the file.',
      repository: 'demo/tasks',
      baseBranch: 'main',
      branch: BRANCH,
      context: '',
      fresh: false,
      model: 'claude-opus-5-5',
      author: null,
      asker: null,
      mode: 'direct',
      decided: null,
      hasMail: false,
      smallModel: 'claude-haiku-5-5',
      lastEvent: 0,
      checkpoint: null,
      attachments: [],
      setup: null,
      equipment: { isTrusted: false, commit: null },
    },
    setup: { values: [], missing: [] },
    setupAsked: [],
    mail: [],
    kept: new Map(),
    files: new Map(),
    events: [],
    checkpoints: [],
    calls: [],
    script: [MAKE],
    pushes: [],
    verdicts: [],
    onFirstEnd: () => {},
    checkpointMs: 0,
    reached,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return gateway;
}
