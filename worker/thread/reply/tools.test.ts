import { describe, expect, it } from 'vitest';
import { idOf } from '../testing/facts.ts';
import { TOOLS, needsPersonsWords, parseCall } from './tools.ts';

const REQUIRED: Record<string, string[]> = {
  start_task: ['repository', 'title', 'prompt'],
  list_tasks: [],
  get_task: ['task_id'],
  move_task: ['task_id', 'position'],
  set_limits: [],
  remember: ['text'],
  forget: ['note_id'],
  list_repositories: [],
  search_conversation: ['query'],
  message_task: ['task_id', 'text'],
  answer_question: ['task_id', 'answers'],
  decide_plan: ['task_id', 'verdict'],
  interrupt_task: ['task_id'],
  set_task_model: ['task_id', 'model'],
  merge_task: ['task_id'],
  mend_task: ['task_id', 'what'],
  cancel_task: ['task_id'],
  retry_task: ['task_id'],
  raise_budget: ['task_id', 'limit'],
};

describe('the tools as the model is shown them', () => {
  it('are those of the design, each once', () => {
    expect(TOOLS.map(({ name }) => name)).toEqual(Object.keys(REQUIRED));
  });

  it.each(TOOLS)('$name has an object as its input, with the right fields required', (tool) => {
    expect(tool.input_schema.type).toBe('object');
    expect(tool.input_schema.required ?? []).toEqual(REQUIRED[tool.name]);
    expect(tool.description).toMatch(/\.$/);
  });

  it('offer the worker models by their aliases', () => {
    const start = TOOLS.find(({ name }) => name === 'start_task');
    expect(start?.input_schema.properties).toMatchObject({
      model: { enum: ['opus', 'sonnet', 'haiku'] },
    });
  });
});

it('without a person’s words there is only looking', () => {
  expect(TOOLS.map(({ name }) => name).filter((name) => !needsPersonsWords(name))).toEqual([
    'list_tasks',
    'get_task',
    'list_repositories',
    'search_conversation',
  ]);
  expect(needsPersonsWords('drop_database')).toBe(true);
});

describe('parseCall', () => {
  const start = { repository: 'demo/tasks', title: 'Add a flag', prompt: 'Add --json.' };

  it.each([
    ['start_task', start],
    ['start_task', { ...start, model: 'haiku', base_branch: 'develop' }],
    ['list_tasks', {}],
    ['get_task', { task_id: idOf(1) }],
    ['start_task', { ...start, mode: 'plan' }],
    ['start_task', { ...start, after: idOf(1), priority: 'high' }],
    ['move_task', { task_id: idOf(1), position: 1 }],
    ['set_limits', { parallel: 3, day_budget: null }],
    ['remember', { text: 'Target the release branch' }],
    ['forget', { note_id: idOf(1) }],
    ['list_repositories', {}],
    ['search_conversation', { query: 'marzipan' }],
  ])('takes a right call of its own tool %s', (name, input) => {
    expect(parseCall(name, input)).toEqual({ is: 'own', call: { name, input } });
  });

  it.each([
    ['start_task', {}, /repository.*title.*prompt/],
    ['start_task', { ...start, repository: 'not a repository' }, /repository/],
    ['start_task', { ...start, repository: '--upload-pack=x/y' }, /repository/],
    ['start_task', { ...start, base_branch: '-u' }, /base_branch/],
    ['start_task', { ...start, model: 'gpt' }, /model/],
    ['start_task', { ...start, title: '   ' }, /title/],
    ['start_task', { ...start, prompt: 'x'.repeat(50_001) }, /prompt/],
    ['get_task', { task_id: '../1' }, /task_id/],
    ['message_task', { task_id: idOf(1), text: '' }, /text/],
    ['search_conversation', 'marzipan', /input/],
    ['list_tasks', null, /input/],
    ['drop_database', {}, /name/],
  ])('says in words what is wrong with a call of %s with %j', (name, input, words) => {
    const parsed = parseCall(name, input);
    expect(parsed.is).toBe('wrong');
    expect(parsed.is === 'wrong' ? parsed.text : '').toMatch(words);
  });
});
