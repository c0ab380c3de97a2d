import { describe, expect, it } from 'vitest';
import { taskUpdate } from '../../../worker/thread/reply/notice.ts';
import { quoted } from '../../../worker/thread/reply/quote.ts';
import { ANSWER_AGAIN } from '../product-words.ts';
import { requestOf } from '../testing/claude-code.ts';
import type { ToolUse } from '../wire.ts';
import { threadReply } from './intents.ts';

type Tools = Record<string, (input: Record<string, unknown>) => unknown>;

/** Holds a conversation as the main thread does, with tools that answer at once. */
function talk(words: readonly string[], tools: Tools = {}, known = '') {
  const messages: { role: string; content: unknown }[] =
    known === ''
      ? []
      : [
          { role: 'user', content: known },
          { role: 'assistant', content: 'Hi.' },
        ];
  const calls: ToolUse[] = [];
  let text = '';
  for (const one of words) {
    messages.push({ role: 'user', content: one });
    text = '';
    for (let round = 0; round < 6; round += 1) {
      const reply = threadReply(requestOf(messages));
      text += reply.text;
      if (reply.calls.length === 0) break;
      calls.push(...reply.calls);
      const ids = (at: number) => `${messages.length} ${at}`;
      const uses = reply.calls.map((use, at) => ({ type: 'tool_use', id: ids(at), ...use }));
      const results = uses.map(({ id, name, input }) => {
        const content = JSON.stringify(tools[name]?.(input) ?? { error: 'No such tool' });
        return { type: 'tool_result', tool_use_id: id, content };
      });
      messages.push({ role: 'assistant', content: uses }, { role: 'user', content: results });
    }
    messages.push({ role: 'assistant', content: text });
  }
  return { text, calls, names: calls.map(({ name }) => name) };
}

const started = () => ({ model: 'opus' });
const task = { repository: 'acme/site', last_step: 'npm test' };
const list_tasks = () => ({
  tasks: [
    { ...task, title: 'Add dark mode', status: 'Working' },
    { ...task, title: 'Add a theme', status: 'Cancelled' },
  ],
});

describe('a request for work', () => {
  it('is announced, started once, and told', () => {
    const { text, names } = talk(['Add a remove command'], { start_task: started });
    expect(names).toEqual(['start_task']);
    // Its card says which one, where and with which model.
    expect(text).toBe('On it.');
  });

  it('is several tasks when it is several pieces of work', () => {
    const { names, text } = talk(['Add a remove command and add X'], { start_task: started });
    expect(names).toEqual(['start_task', 'start_task']);
    expect(text).toBe('On it, as 2 tasks.');
  });

  it('that cannot be started says why, and names the repository', () => {
    const { text } = talk(['Add dark mode in acme/nowhere'], {
      start_task: () => ({ error: 'No such repository' }),
    });
    expect(text).toContain('not start **Add dark mode** in acme/nowhere: No such repository.');
    expect(text).not.toContain('On it');
  });

  it('is not started twice after an answer that was cut off, and started when it was not', () => {
    const words = ['Add dark mode', ANSWER_AGAIN];
    const cut = talk(words, { start_task: started, list_tasks });
    expect(cut.names).toEqual(['start_task', 'list_tasks']);
    expect(cut.text).toContain('All of it was started.');
    const never = talk(words, { start_task: started, list_tasks: () => ({ tasks: [] }) });
    expect(never.names).toEqual(['start_task', 'list_tasks', 'start_task']);
  });
});

it('a question about tasks is answered from the list', () => {
  const { text } = talk(['How is it going?'], { list_tasks });
  expect(text).toBe('1 open:\n- **Add dark mode** in acme/site: Working, at “npm test”');
  expect(talk(['Is the theme done?'], { list_tasks }).text).toContain('Cancelled');
});

it.each([
  ['At most three tasks at once, please', { parallel: 3 }, 'At most 3'],
  ['The budget of a day shall be $50', { day_budget: 50 }, '$50'],
])('a setting is set, and said: %s', (words, input, said) => {
  const { text, calls } = talk([words], { set_limits: () => ({ done: true }) });
  expect(calls).toEqual([{ name: 'set_limits', input }]);
  expect(text).toContain(said);
  expect(talk([words], { set_limits: () => ({ error: 'Too many' }) }).text).toBe('Too many.');
});

describe('what was said earlier', () => {
  it('is answered from what is at hand, or from the summary', () => {
    const { text, calls } = talk(['The codeword is heron.', 'Hi', 'What was the codeword?']);
    expect({ text, calls }).toEqual({ text: 'You said: “The codeword is heron.”', calls: [] });
    const summary = quoted('earlier', '- Person: the codeword is kite.', 100);
    const { text: known } = talk(['What was the codeword?'], {}, summary);
    expect(known).toBe('You said: “the codeword is kite.”');
  });

  it('is searched for when it is not at hand, and not made up', () => {
    const found = [{ from: 'person', text: 'The deployment window is Tuesday.' }];
    const search_conversation = ({ query }: Record<string, unknown>) => ({
      matches: query === 'deployment' ? found : [],
    });
    const words = ['What did I say about our deployment hours?'];
    const { text, calls } = talk(words, { search_conversation });
    expect(calls.map(({ input }) => input['query'])).toEqual(['deployment hours', 'deployment']);
    expect(text).toContain('You said: “The deployment window is Tuesday.”');
    const none = talk(['What did I say about the plants?'], { search_conversation });
    expect(none.text).toContain('found nothing about that');
  });
});

const pull_request = { number: 3, url: 'http://127.0.0.1:1/acme/todo/pull/3' };
it.each([
  [{ event: 'opened', pull_request }, /draft pull request is ready: \[#3 Add dark mode\]\(http/],
  [
    { event: 'review', pull_request, checks: { is: 'passed', count: 1, names: ['test'] } },
    /^Done: .*, and its checks pass\./,
  ],
  [{ event: 'failed', reason: 'The sandbox was lost' }, /failed\. The sandbox was lost\. .*Retry/],
  [{ event: 'question', questions: [{ question: 'Which?', options: ['A'] }] }, /asks:\n- Which\?/],
  [{ event: 'merged', pull_request }, /^Merged: \[#3/],
  [{ event: 'something new' }, /^Something changed in a task/],
])('tells what a task did: %j', (facts, sentence) => {
  const update = { title: 'Add dark mode', repository: 'acme/site', ...facts };
  expect(talk([taskUpdate(update)]).text).toMatch(sentence);
});
