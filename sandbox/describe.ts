import type { SDKMessage } from '@anthropic-ai/claude-agent-sdk';
import type { RunnerEvent } from '../protocol/runner.ts';
import type { Redactor } from '../protocol/redaction/redactor.ts';
import { EVENT_TEXT_MAX_CHARS } from '../protocol/task-event.ts';

type Body = RunnerEvent['body'];

const TITLE_MAX_CHARS = 200;

function cut(text: string): { text: string; truncated: boolean } {
  return {
    text: text.slice(0, EVENT_TEXT_MAX_CHARS),
    truncated: text.length > EVENT_TEXT_MAX_CHARS,
  };
}

function firstLine(text: string): string {
  const [line = ''] = text.trim().split('\n', 1);
  return line.length > TITLE_MAX_CHARS ? `${line.slice(0, TITLE_MAX_CHARS - 1)}…` : line;
}

function field(input: unknown, name: string): string | null {
  if (typeof input !== 'object' || input === null) return null;
  const value: unknown = Reflect.get(input, name);
  return typeof value === 'string' ? value : null;
}

/** The one line of a folded tool call: what was run, which file, what was looked for. */
function toolTitle(tool: string, input: unknown, directory: string): string {
  const file = field(input, 'file_path') ?? field(input, 'notebook_path') ?? field(input, 'path');
  switch (tool) {
    case 'Bash':
      return firstLine(field(input, 'command') ?? '');
    case 'Grep':
    case 'Glob':
      return firstLine(field(input, 'pattern') ?? '');
    default: {
      const text = file ?? field(input, 'description') ?? field(input, 'query') ?? '';
      return firstLine(text.startsWith(`${directory}/`) ? text.slice(directory.length + 1) : text);
    }
  }
}

function outputText(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content
    .map((part: unknown) => field(part, 'text') ?? `[${field(part, 'type') ?? 'content'}]`)
    .join('\n');
}

/**
 * What of one message of Claude Code belongs in the task's activity, without secrets: what is cut
 * here would not be known as one any more.
 */
export function describe(
  message: SDKMessage,
  directory: string,
  redactor: Pick<Redactor, 'text' | 'within'>,
): Body[] {
  switch (message.type) {
    case 'assistant': {
      const parent = message.parent_tool_use_id;
      return message.message.content.flatMap((block): Body[] => {
        switch (block.type) {
          case 'text':
            return block.text.trim() === ''
              ? []
              : [{ type: 'text', text: cut(redactor.text(block.text)).text, parent }];
          case 'tool_use': {
            const shown = redactor.within(block.input);
            const input = cut(JSON.stringify(shown));
            return [
              {
                type: 'tool_call',
                toolUseId: block.id,
                parent,
                tool: block.name,
                title: toolTitle(block.name, shown, directory),
                input: input.text,
                truncated: input.truncated,
              },
            ];
          }
          default:
            return [];
        }
      });
    }
    case 'user': {
      const { content } = message.message;
      if (typeof content === 'string') return [];
      return content.flatMap((block): Body[] => {
        if (block.type !== 'tool_result') return [];
        return [
          {
            type: 'tool_result',
            toolUseId: block.tool_use_id,
            parent: message.parent_tool_use_id,
            isError: block.is_error === true,
            // The reporter cuts it, where both ends are kept.
            output: outputText(block.content),
            truncated: false,
          },
        ];
      });
    }
    default:
      return [];
  }
}
