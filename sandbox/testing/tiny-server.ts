/**
 * An MCP server as a repository may hold it, with no packages: JSON-RPC, a line each
 * (https://modelcontextprotocol.io/specification/2025-06-18/basic/transports#stdio). Its one tool says
 * `word` and what is in a file of the folder that it was started in.
 */
export const tinyServer = (word: string) => `import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
const send = (message) => console.log(JSON.stringify({ jsonrpc: '2.0', ...message }));
const tool = {
  name: 'look',
  description: 'Looks at a file.',
  inputSchema: { type: 'object', properties: { file: { type: 'string' } } },
};
createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params } = JSON.parse(line);
  if (method === 'initialize') {
    const { protocolVersion } = params;
    const serverInfo = { name: 'tiny', version: '1.0.0' };
    send({ id, result: { protocolVersion, capabilities: { tools: {} }, serverInfo } });
  } else if (method === 'tools/list') send({ id, result: { tools: [tool] } });
  else if (method === 'tools/call') {
    const token = process.env.ANTHROPIC_AUTH_TOKEN || 'no token';
    const text = ['${word}', process.env.GREETING, token, readFileSync(params.arguments.file, 'utf8')];
    send({ id, result: { content: [{ type: 'text', text: text.join(' ') }] } });
  } else if (id !== undefined) send({ id, result: {} });
});
`;
