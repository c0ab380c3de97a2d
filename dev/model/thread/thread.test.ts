import { describe, expect, it } from 'vitest';
import type { ToolCall } from '../wire/reply.ts';
import { readCall } from '../wire/request.ts';
import { threadReply } from './thread.ts';

const SYSTEM = `Repositories:
- acme/todo (default branch main): A to-do list for the command line.
- acme/site (default branch main): The Acme website.
`;

const TASKS = {
  tasks: [
    {
      task_id: 't1',
      title: 'Add dark mode',
      status: 'Working',
      repository: 'acme/site',
      model: 'opus',
      last_step: 'npm test',
    },
    {
      task_id: 't2',
      title: 'Add due dates',
      status: 'Queued',
      repository: 'acme/todo',
      model: 'opus',
    },
    { task_id: 't0', title: 'Add dark theme', status: 'Cancelled', repository: 'acme/site' },
  ],
};

type Answer = { text: string; isError?: boolean };
type Tools = Record<string, (input: Record<string, unknown>) => Answer>;

/** Holds a conversation as the main thread does, with tools that answer at once. */
function talk(words: readonly string[], tools: Tools, system = SYSTEM) {
  const messages: { role: string; content: unknown }[] = [];
  const calls: ToolCall[] = [];
  let text = '';
  for (const one of words) {
    messages.push({ role: 'user', content: one });
    text = '';
    for (let round = 0; ; round += 1) {
      if (round > 5) throw new Error('The model goes round in circles.');
      const call = readCall({ model: 'm', system, messages, tools: [{ name: 'start_task' }] });
      if (call === null) throw new Error('not a request');
      const reply = threadReply(call);
      text = [text, reply.text].filter((part) => part !== '').join('\n');
      if (reply.calls.length === 0) break;
      calls.push(...reply.calls);
      const ids = reply.calls.map((_, index) => `toolu_${messages.length}_${index}`);
      const uses = reply.calls.map((use, index) => ({ type: 'tool_use', id: ids[index], ...use }));
      const results = reply.calls.map((use, index) => {
        const answer = tools[use.name]?.(use.input) ?? { text: 'no such tool', isError: true };
        return {
          type: 'tool_result',
          tool_use_id: ids[index],
          is_error: answer.isError ?? false,
          content: [{ type: 'text', text: answer.text }],
        };
      });
      const said = reply.text === '' ? [] : [{ type: 'text', text: reply.text }];
      messages.push({ role: 'assistant', content: [...said, ...uses] });
      messages.push({ role: 'user', content: results });
    }
    messages.push({ role: 'assistant', content: text });
  }
  return { text, calls };
}

const json = (value: unknown): Answer => ({ text: JSON.stringify(value) });
const started = (input: Record<string, unknown>) =>
  json({ task_id: 't9', status: 'Queued', model: 'opus', ...input });

describe('a request for work', () => {
  it('is announced, started once, and told', () => {
    const { text, calls } = talk(['Add a --json flag to the list command'], {
      start_task: started,
    });
    expect(calls.map(({ name }) => name)).toEqual(['start_task']);
    expect(text).toMatch(/^On it: Add a --json flag/);
    expect(text).toContain(
      'Started **Add a --json flag to the list command** in acme/todo with Opus.',
    );
  });

  it('is several tasks when it is several pieces of work', () => {
    const { text, calls } = talk(['Add a remove command and add dark mode to the site'], {
      start_task: started,
    });
    expect(calls.map(({ input }) => input['repository'])).toEqual(['acme/todo', 'acme/site']);
    expect(text).toContain('On it, as two tasks.');
    expect(text.match(/Started/g)).toHaveLength(2);
  });

  it('that cannot be started says why, and names the repository', () => {
    const { text } = talk(['Add a dark mode in acme/nowhere'], {
      start_task: () => ({ text: JSON.stringify({ error: 'No such repository' }), isError: true }),
    });
    expect(text).toContain(
      'I could not start **Add a dark mode** in acme/nowhere: No such repository.',
    );
    expect(text).not.toContain('Started');
  });

  it('that failed in plain words says those', () => {
    const { text } = talk(['Add dark mode'], {
      start_task: () => ({ text: 'The git host could not be reached', isError: true }),
    });
    expect(text).toContain('The git host could not be reached.');
  });

  it('after other talk starts only what was asked for now', () => {
    const { calls } = talk(['Add a remove command', 'thanks', 'Add dark mode'], {
      start_task: started,
    });
    expect(calls.map(({ input }) => input['title'])).toEqual([
      'Add a remove command',
      'Add dark mode',
    ]);
  });
});

describe('an answer that was cut off', () => {
  const words = ['Add dark mode', 'Your last answer was cut off. Please answer again.'];

  it('starts nothing twice', () => {
    const { calls, text } = talk(words, { start_task: started, list_tasks: () => json(TASKS) });
    expect(calls.filter(({ name }) => name === 'start_task')).toHaveLength(1);
    expect(text).toContain('**Add dark mode** in acme/site: Working');
  });

  it('starts what was not started', () => {
    const { calls } = talk(words, { start_task: started, list_tasks: () => json({ tasks: [] }) });
    expect(calls.filter(({ name }) => name === 'start_task')).toHaveLength(2);
  });
});

describe('questions about tasks', () => {
  const tools: Tools = {
    list_tasks: () => json(TASKS),
    get_task: ({ task_id }) => json(TASKS.tasks.find((task) => task.task_id === task_id)),
  };

  it('are answered from the list', () => {
    const { text } = talk(['How is it going?'], tools);
    expect(text).toContain('2 tasks are open:');
    expect(text).toContain('**Add dark mode** in acme/site: Working, at “npm test”');
    expect(text).not.toContain('theme');
  });

  it('about one task are answered from that task', () => {
    const { text, calls } = talk(['How is the due dates task going?'], tools);
    expect(calls.at(-1)).toEqual({ name: 'get_task', input: { task_id: 't2' } });
    expect(text).toBe('**Add due dates** in acme/todo: Queued.');
  });

  it('are answered truthfully when there is none', () => {
    const { text } = talk(['status'], { list_tasks: () => json({ tasks: [] }) });
    expect(text).toMatch(/^Nothing is running/);
  });
});

describe('a task at work', () => {
  it('is cancelled: the one that is meant, and no other', () => {
    const { text, calls } = talk(['cancel the dark mode task'], {
      list_tasks: () => json(TASKS),
      cancel_task: ({ task_id }) => json({ task_id, status: 'Cancelled' }),
    });
    expect(calls.filter(({ name }) => name === 'cancel_task')).toEqual([
      { name: 'cancel_task', input: { task_id: 't1' } },
    ]);
    expect(text).toContain('Cancelled: **Add dark mode**');
  });

  it('is not cancelled when nobody knows which one is meant', () => {
    const { text, calls } = talk(['cancel the payroll task'], { list_tasks: () => json(TASKS) });
    expect(calls.some(({ name }) => name === 'cancel_task')).toBe(false);
    expect(text).toContain('I do not know which task you mean');
    expect(text).toContain('Add due dates');
  });

  it('that cannot be cancelled any more says so', () => {
    const { text } = talk(['cancel the dark mode task'], {
      list_tasks: () => json(TASKS),
      cancel_task: () => json({ error: 'It has ended already' }),
    });
    expect(text).toContain('It has ended already.');
    expect(text).not.toContain('Cancelled:');
  });

  it('is told what the person says', () => {
    const { text, calls } = talk(['tell the due dates task to also mention it in the README'], {
      list_tasks: () => json(TASKS),
      message_task: () => json({ ok: true }),
    });
    expect(calls.at(-1)).toEqual({
      name: 'message_task',
      input: { task_id: 't2', text: 'also mention it in the README' },
    });
    expect(text).toContain('Told **Add due dates**: “also mention it in the README”');
  });
});

describe('what was said earlier', () => {
  it('is answered from what is at hand', () => {
    const { text, calls } = talk(['The codeword is heron.', 'Hi', 'What was the codeword?'], {});
    expect(calls).toEqual([]);
    expect(text).toBe('You said: “The codeword is heron.”');
  });

  it('is answered from the summary', () => {
    const system = `${SYSTEM}\nSummary of the conversation so far:\n- Person: the codeword is heron.\n`;
    const { text, calls } = talk(['What was the codeword?'], {}, system);
    expect(calls).toEqual([]);
    expect(text).toContain('the codeword is heron');
  });

  it('is searched for when it is not at hand', () => {
    const { text, calls } = talk(['What did I say at the start about the deployment window?'], {
      search_conversation: () =>
        json({
          matches: [
            {
              at: '2026-11-02T10:00:00Z',
              from: 'person',
              text: 'What about the deployment window?',
            },
            {
              at: '2026-11-01T10:00:00Z',
              from: 'person',
              text: 'Hello. The deployment window is Tuesday, 9 to 11.',
            },
          ],
        }),
    });
    expect(calls).toEqual([{ name: 'search_conversation', input: { query: 'deployment window' } }]);
    expect(text).toContain('You said on 1 November: “The deployment window is Tuesday, 9 to 11.”');
  });

  it('is not made up: two searches, and then it says that there is nothing', () => {
    const { text, calls } = talk(['What did I say about the office plants?'], {
      search_conversation: () => json({ matches: [] }),
    });
    expect(calls.map(({ input }) => input['query'])).toEqual(['office plants', 'office']);
    expect(text).toContain('found nothing about that');
  });
});

describe('everything else', () => {
  it('lists the repositories', () => {
    const { text } = talk(['Which repositories are there?'], {
      list_repositories: () =>
        json({
          repositories: [
            { repository: 'acme/todo', default_branch: 'main', description: 'A list' },
          ],
        }),
    });
    expect(text).toBe('I can work in:\n- **acme/todo**: A list');
  });

  it.each(['help', 'Hello', 'Blue.'])(
    'says on “%s” that it is offline and what brings the real one',
    (words) => {
      const { text, calls } = talk([words], {});
      expect(calls).toEqual([]);
      expect(text).toContain('offline model');
      expect(text).toContain('ANTHROPIC_API_KEY');
    },
  );

  it('answers several messages in a row together', () => {
    const call = readCall({
      model: 'm',
      tools: [{ name: 'start_task' }],
      messages: [
        { role: 'user', content: 'Add a remove command' },
        { role: 'user', content: 'Add dark mode' },
      ],
    });
    expect(call === null ? [] : threadReply(call).calls).toHaveLength(2);
  });
});
