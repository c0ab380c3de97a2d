import { createServer } from 'node:http';
import { text as textOf } from 'node:stream/consumers';
import * as z from 'zod/mini';
import { freePort } from '../../dev/ports.ts';
import { answer, says, saysAtOnce } from '../../worker/thread/testing/model-answers.ts';
import { lastText } from '../../worker/thread/testing/fake-model.ts';
import { type Order, obey } from '../../worker/thread/testing/orders.ts';

const Block = z.looseObject({ type: z.string(), name: z.optional(z.string()) });
const Body = z.object({
  model: z.string(),
  stream: z.optional(z.boolean()),
  system: z.unknown(),
  messages: z.array(
    z.object({
      role: z.enum(['user', 'assistant']),
      content: z.union([z.string(), z.array(Block)]),
    }),
  ),
  tools: z.optional(z.array(z.looseObject({ name: z.string() }))),
});
type Body = z.infer<typeof Body>;

/** What a worker says next: words, or one call of one of Claude Code's tools. */
export type WorkerStep = string | { name: string; input: Record<string, unknown> };

export type ObedientModel = {
  url: string;
  /** What the main thread was asked and how it answered. */
  thread: { tools: string[]; body: string }[];
  stop(): Promise<void>;
};

/** Names of the tools that a worker has called so far, in order. */
function called({ messages }: Body): string[] {
  return messages.flatMap(({ content }) =>
    typeof content === 'string'
      ? []
      : content.flatMap((block) => (block.type === 'tool_use' ? (block.name ?? []) : [])),
  );
}

/**
 * A Messages API whose main thread obeys every order that it is shown, and whose workers do what
 * `step` says, by the tools that they have called before. `wishes` are words of the person, and the
 * call that each comes to.
 */
export async function startObedientModel(
  step: (called: string[], body: string) => WorkerStep,
  wishes: Record<string, Order>,
): Promise<ObedientModel> {
  const port = await freePort();
  const thread: ObedientModel['thread'] = [];
  let calls = 0;

  function respond(body: string): Response {
    // Claude Code also sends messages of the role `system`: they tell a worker nothing here.
    const raw = z.looseObject({ messages: z.array(z.looseObject({ role: z.string() })) });
    const { messages, ...rest } = raw.parse(JSON.parse(body));
    const asked = Body.parse({
      ...rest,
      messages: messages.filter(({ role }) => role !== 'system'),
    });
    const tools = (asked.tools ?? []).map(({ name }) => name);
    if (tools.includes('list_tasks')) {
      thread.push({ tools, body });
      const words = lastText({ ...asked, body });
      const wanted = asked.messages.at(-1)?.role === 'user' ? wishes[words] : undefined;
      return wanted === undefined
        ? obey({ ...asked, body })
        : answer([{ id: `toolu_wish_${++calls}`, ...wanted }]);
    }
    if (!tools.includes('Bash')) {
      const title = '{"title":"A session"}';
      return asked.stream === true ? says(title) : saysAtOnce(title);
    }
    const next = step(called(asked), body);
    return typeof next === 'string'
      ? says(next)
      : answer([{ id: `toolu_worker_${++calls}`, ...next }]);
  }

  const server = createServer(async (request, response) => {
    const body = await textOf(request);
    if (request.url?.includes('count_tokens') === true) {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end('{"input_tokens":100}');
      return;
    }
    const reply = respond(body);
    response.writeHead(reply.status, Object.fromEntries(reply.headers));
    response.end(await reply.text());
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${port}`,
    thread,
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
