import { describe, expect, it } from 'vitest';
import type { TaskNotice } from '../../tasks/api.ts';
import { StoredNotice } from '../../tasks/storage/notice.ts';
import { noticeSentence, noticeUpdate } from './notice.ts';
import { summaryOf } from '../testing/facts.ts';

const pullRequest = { number: 7, url: 'http://git.test/demo/tasks/pull/7' };
const LINE = summaryOf({ status: 'In review' });

const NOTICES: { notice: TaskNotice; says: RegExp }[] = [
  {
    notice: { is: 'review', checks: { is: 'none' }, pullRequest, summary: 'Added it.' },
    says: /ready for review: \[#7 in demo\/tasks\]\(http:\/\/git\.test\/demo\/tasks\/pull\/7\)/,
  },
  {
    notice: { is: 'opened', pullRequest },
    says: /draft pull request is ready, and its checks run/,
  },
  {
    notice: {
      is: 'review',
      checks: { is: 'passed', count: 2, names: ['lint', 'test'] },
      pullRequest,
      summary: '',
    },
    says: /ready for review, and its checks pass/,
  },
  {
    notice: { is: 'review', checks: { is: 'failed', names: ['lint'] }, pullRequest, summary: '' },
    says: /still fail \(lint\)/,
  },
  {
    notice: { is: 'answered', summary: 'It has one.' },
    says: /no changes\. Its worker says: It has one\./,
  },
  { notice: { is: 'failed', reason: 'The tests fail.' }, says: /failed: The tests fail\./ },
  { notice: { is: 'merged', pullRequest }, says: /\[#7\]\(.*\/7\) was merged/ },
  { notice: { is: 'closed', pullRequest }, says: /\[#7\]\(.*\/7\) was closed without merging/ },
  {
    notice: { is: 'not_done', reason: 'The issue could not be opened.' },
    says: /: The issue could not be opened\.$/,
  },
  { notice: { is: 'recovered', reason: 'Its sandbox was lost' }, says: /lost\. It goes on/ },
];

describe.each(NOTICES)('$notice.is', ({ notice, says }) => {
  it('is said in a sentence that names the task', () => {
    expect(noticeSentence(LINE, notice)).toMatch(says);
    expect(noticeSentence(LINE, notice)).toContain('**Add a --json flag**');
  });

  it('is stored as it is until it is said', () => {
    expect(StoredNotice.parse(JSON.parse(JSON.stringify(notice)))).toEqual(notice);
  });

  it('is told to the model with all its facts', () => {
    const update = noticeUpdate(LINE, notice);
    const [, json = ''] = /^<task_update>(.*)<\/task_update>$/s.exec(update) ?? [];
    const { is, ...facts } = notice;
    const { pullRequest: pull, ...others } = { pullRequest: undefined, ...facts };
    expect(JSON.parse(json)).toEqual({
      task_id: LINE.id,
      title: LINE.title,
      repository: LINE.repository,
      status: 'In review',
      event: is,
      ...(is === 'answered' && { changes: 'none' }),
      ...(pull !== undefined && { pull_request: pull }),
      ...others,
    });
  });
});
