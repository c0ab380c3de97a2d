import { describe, expect, it } from 'vitest';
import { readBetas, readModelRequest } from './model-request.ts';

const ASKED = { model: 'claude-opus-5-5', max_tokens: 5, messages: [] };
const read = (changed: object) => readModelRequest(JSON.stringify({ ...ASKED, ...changed }));
/** What it can use at most. */
const boundsOf = (changed: object) => {
  const asked = read(changed);
  if (asked.is !== 'ok') throw new Error(asked.is);
  return { ...asked.bounds, bytes: new TextEncoder().encode(asked.body).byteLength };
};
const said = (...content: unknown[]) => read({ messages: [{ role: 'user', content }] });

describe('what a request to the model may hold', () => {
  it('is all that Claude Code sends', () => {
    const body = {
      model: 'claude-opus-5-5',
      messages: [
        { role: 'user', content: [{ type: 'text', text: 'Add a flag' }] },
        { role: 'system', content: 'The plan mode is on.' },
        {
          role: 'assistant',
          content: [
            { type: 'thinking', thinking: 'Hm.', signature: 's' },
            { type: 'tool_use', id: 't', name: 'Read', input: { source: { type: 'url' } } },
          ],
        },
        {
          role: 'user',
          content: [
            {
              type: 'tool_result',
              tool_use_id: 't',
              content: [{ type: 'image', source: { type: 'base64', data: 'aa' } }],
            },
            { type: 'document', source: { type: 'base64', data: 'aa' } },
            { type: 'search_result', source: 'notes.md', content: [{ type: 'text', text: 'a' }] },
          ],
        },
        { role: 'system', content: [{ type: 'tool_addition', tool: { type: 'tool_reference' } }] },
      ],
      system: [{ type: 'text', text: 'You are Claude Code.', cache_control: {} }],
      tools: [
        { name: 'Read', description: 'Reads', input_schema: { type: 'object' } },
        { type: 'custom', name: 'Write', input_schema: {} },
        { type: 'bash_20250124', name: 'bash' },
        { type: 'text_editor_20250728', name: 'str_replace_based_edit_tool' },
      ],
      metadata: { user_id: 'u' },
      max_tokens: 64_000,
      thinking: { type: 'adaptive', display: 'updates' },
      context_management: { edits: [{ type: 'clear_thinking_20251015', keep: 'all' }] },
      output_config: { effort: 'medium' },
      stream: true,
    };
    expect(readModelRequest(JSON.stringify(body))).toEqual({
      is: 'ok',
      model: body.model,
      body: JSON.stringify(body),
      left: [],
      bounds: expect.anything(),
    });
  });

  it('is no field that has the API reach out, ask another model, or cost more', () => {
    const changed = { mcp_servers: [], container: 'c', fallbacks: [], speed: 'fast' };
    expect(read(changed)).toEqual({
      is: 'ok',
      model: ASKED.model,
      body: JSON.stringify(ASKED),
      left: Object.keys(changed),
      bounds: expect.anything(),
    });
  });

  it('is the last of a key that stands twice, and nothing of the first', () => {
    const tools = '"tools":[{"type":"web_search_20250305","name":"web_search"}]';
    const text = `{"model":"claude-opus-5-5","messages":[],${tools},"tools":[]}`;
    expect(readModelRequest(text)).toMatchObject({
      body: '{"model":"claude-opus-5-5","messages":[],"tools":[]}',
    });
  });

  it.each([
    'web_search_20250305',
    'web_fetch_20260318',
    'code_execution_20260521',
    'tool_search_tool_regex',
    'advisor_20260301',
    'mcp_toolset',
    'bash_20250124_and_more',
  ])('is no tool of the type %s', (type) => {
    expect(
      read({
        tools: [
          { name: 'Read', input_schema: {} },
          { type, name: 'x' },
        ],
      }),
    ).toEqual({
      is: 'forbidden',
      text: `A task's request to the model may not hold a tool that runs at the API (${type}).`,
    });
  });

  const atAddress = { type: 'image', source: { type: 'url', url: 'https://evil.test/?secret' } };
  it.each([
    ['an image at an address', atAddress],
    ['a document at an address', { ...atAddress, type: 'document' }],
    ['a file at the API', { type: 'image', source: { type: 'file', file_id: 'f' } }],
    ['an image without a source', { type: 'image' }],
    ['an image at an address in a tool’s result', { type: 'tool_result', content: [atAddress] }],
    [
      'an image at an address in a document',
      { type: 'document', source: { type: 'content', content: [atAddress] } },
    ],
    ['a call of a server’s tool', { type: 'server_tool_use', name: 'web_search', input: {} }],
    ['a call of an MCP server', { type: 'mcp_tool_use', name: 'x', input: {} }],
    ['a file for a container', { type: 'container_upload', file_id: 'f' }],
    [
      'a tool that is defined among the messages',
      {
        type: 'tool_addition',
        tool: { type: 'tool_definition', definition: { type: 'web_search_20250305' } },
      },
    ],
    [
      'such a tool in what was compacted',
      {
        type: 'compaction',
        content: 'a',
        tool_changes: [{ type: 'tool_addition', tool: { type: 'mcp_toolset_reference' } }],
      },
    ],
    ['a block without a type', { text: 'a' }],
  ])('is not %s', (_, block) => {
    expect(said({ type: 'text', text: 'a' }, block)).toMatchObject({ is: 'forbidden' });
  });

  it('is not nested without end', () => {
    let block: object = { type: 'text', text: 'a' };
    for (let depth = 0; depth < 1_000; depth++) block = { type: 'tool_result', content: [block] };
    expect(said(block)).toMatchObject({ is: 'forbidden' });
  });
});

describe('betas', () => {
  it('go out when Claude Code uses them, and are left out when they open something', () => {
    const given = 'effort-2025-11-24, mcp-client-2025-11-20,,inline-tools-2026-09-15';
    expect(readBetas(given)).toEqual({
      betas: ['effort-2025-11-24'],
      left: ['mcp-client-2025-11-20', 'inline-tools-2026-09-15'],
    });
    expect(readBetas(null)).toEqual({ betas: [], left: [] });
  });
});

describe('the most that a request can use', () => {
  const user = (...content: unknown[]) => ({ messages: [{ role: 'user', content }] });
  const image = (data: string) => ({ type: 'image', source: { type: 'base64', data } });

  it('is a token for each byte of it, and all that it may write', () => {
    const bounds = boundsOf({
      ...user({ type: 'text', text: 'Grüße 😀 漢字' }),
      max_tokens: 32_000,
    });
    expect(bounds).toEqual({
      inputTokens: bounds.bytes,
      outputTokens: 32_000,
      hasHourCache: false,
      bytes: bounds.bytes,
    });
  });

  it('is no more for an image than an image ever has', () => {
    const bounds = boundsOf(
      user(image('a'.repeat(900_000)), {
        type: 'tool_result',
        tool_use_id: 't',
        content: [image('b'.repeat(900_000))],
      }),
    );
    expect(bounds.inputTokens).toBe(bounds.bytes - 1_800_000 + 10_000);
  });

  it('is each byte of what only looks like an image', () => {
    const tool = { type: 'tool_use', id: 't', name: 'Read', input: image('a'.repeat(90_000)) };
    const bounds = boundsOf(user(tool));
    expect(bounds.inputTokens).toBe(bounds.bytes);
  });

  it('is what a model reads at most', () => {
    expect(boundsOf(user({ type: 'text', text: 'a'.repeat(2_000_000) }))).toMatchObject({
      inputTokens: 1_000_000,
    });
  });

  it.each([undefined, null, 10_000_000])(
    'is what a model writes at most, for max_tokens %s',
    (max_tokens) => {
      expect(boundsOf({ max_tokens })).toMatchObject({ outputTokens: 128_000 });
    },
  );

  it('is dearer with a cache for an hour, which no text can pretend', () => {
    const cache_control = { type: 'ephemeral', ttl: '1h' };
    expect(boundsOf(user({ type: 'text', text: 'a', cache_control })).hasHourCache).toBe(true);
    expect(boundsOf(user({ type: 'text', text: '"ttl":"1h"' })).hasHourCache).toBe(false);
  });

  it('that lies too deep in itself is no request', () => {
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
    const text = JSON.stringify({ ...ASKED, metadata: 'deep' }).replace('"deep"', deep);
    expect(readModelRequest(text)).toEqual({ is: 'malformed' });
  });
});
