import { expect, it } from 'vitest';
import { sideReply } from './side-calls.ts';
import { readCall } from './wire/request.ts';
import { kindOf } from './wire/kind.ts';

function reply(body: object): string {
  const call = readCall({ model: 'm', ...body });
  if (call === null) throw new Error('not a request');
  expect(kindOf(call)).toBe('other');
  return sideReply(call).text;
}

it('names a session as JSON, as Claude Code asks for it', () => {
  const text = reply({
    system: 'You are naming a coding session. Return JSON with a single "title" field.',
    output_config: { format: { type: 'json_schema', schema: {} } },
    messages: [
      { role: 'user', content: '<session>\nAdd a --json flag to the list command\n</session>' },
    ],
  });
  expect(JSON.parse(text)).toEqual({ title: '--json flag to the list' });
});

it('says to anybody else that it is offline', () => {
  expect(reply({ messages: [{ role: 'user', content: 'quota' }] })).toContain('ANTHROPIC_API_KEY');
});
