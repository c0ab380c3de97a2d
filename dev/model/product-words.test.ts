import { expect, it } from 'vitest';
import { DEFAULT_REPOSITORY_SETTINGS, DEFAULT_SETTINGS } from '../../protocol/settings.ts';
import { noticeUpdate } from '../../worker/thread/reply/notice.ts';
import { type PromptInput, buildPrompt } from '../../worker/thread/reply/prompt.ts';
import {
  REPOSITORY,
  personMessage,
  replyMessage,
  summaryOf,
} from '../../worker/thread/testing/facts.ts';
import { requestOf } from './testing/claude-code.ts';
import { readConversation } from './thread/conversation.ts';

/** What the model reads in a prompt that the product builds. */
function read(told: Partial<PromptInput>) {
  const prompt = buildPrompt({
    repositories: [],
    openTasks: [],
    openItems: [],
    settings: DEFAULT_SETTINGS,
    queue: [],
    summary: null,
    attached: new Map(),
    messages: [personMessage(1, 'Hello')],
    answering: [],
    update: null,
    maxTokens: 60_000,
    toolTokens: 0,
    ...told,
  });
  return readConversation(requestOf(prompt.messages, prompt.system));
}

it('reads the repositories, the open tasks and the summary', () => {
  const line = summaryOf({ title: 'Add a [draft] badge', pullRequest: { number: 3, url: 'u:3' } });
  const { context } = read({
    repositories: [REPOSITORY, { ...REPOSITORY, name: 'me/bare', description: null }],
    settings: {
      ...DEFAULT_SETTINGS,
      repositories: { 'me/bare': { ...DEFAULT_REPOSITORY_SETTINGS, mode: 'plan' } },
    },
    openTasks: [line],
    queue: [{ taskId: line.id, after: null }],
    summary: { text: '- The codeword is heron.\n- Decided: deploy on Tuesdays.', upTo: 0 },
  });
  const { id, title, status, repository } = line;
  expect(context).toEqual({
    repositories: [
      { name: REPOSITORY.name, description: REPOSITORY.description },
      { name: 'me/bare', description: '', mode_unless_the_person_says_otherwise: 'plan' },
    ],
    openTasks: [{ id, title, status, repository }],
    waiting: [],
    summary: '- The codeword is heron.\n- Decided: deploy on Tuesdays.',
  });
});

it('reads what tasks wait for', () => {
  const item = { id: 'i', title: 'Fix: done', repository: REPOSITORY.name, at: 0, outcome: null };
  const options = ['CSV', 'JSON'].map((label) => ({ label, description: '' }));
  const asked = { question: 'Which format?', header: '', options };
  const plan = { id: 'p', text: '', hash: '', round: 2, previous: null, alternatives: ['A', 'B'] };
  const questions = [false, true].map((multiSelect) => ({ ...asked, multiSelect }));
  const { context } = read({
    openItems: [
      { ...item, taskId: 't1', kind: 'question', questionId: 'q', questions },
      { ...item, taskId: 't2', kind: 'plan', plan },
    ],
  });
  const question = { question: 'Which format?', options: ['CSV', 'JSON'] };
  const several = [false, true].map((one) => ({ ...question, several_possible: one }));
  expect(context.waiting).toMatchObject([
    { id: 't1', title: 'Fix: done', questions: several, alternatives: [] },
    { id: 't2', title: 'Fix: done', questions: [], alternatives: ['A', 'B'] },
  ]);
});

it('tells the person’s words from a task’s news and from what is asked after a cut', () => {
  const notice = { is: 'failed', reason: 'No.' } as const;
  const news = read({ update: noticeUpdate(summaryOf(), notice) });
  expect(news.notice).toMatchObject({ event: 'failed', reason: 'No.' });
  const cut = read({ messages: [personMessage(1, 'Add dark mode'), replyMessage(2, 'On it')] });
  expect(cut).toMatchObject({ notice: null, words: 'Add dark mode', again: true });
});
