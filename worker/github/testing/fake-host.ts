import type { Check } from '../../tasks/delivery/checks.ts';
import { type Feedback, marked } from '../../tasks/delivery/feedback.ts';
import type {
  Comparison,
  GitHubPort,
  GitHubResult,
  MergeOutcome,
  PullRequestDraft,
  PullRequestFound,
} from '../port.ts';
import type { GitHubFailure } from '../failures.ts';

/** A git host in memory with one branch; it writes down what it is asked, in order. */
export type FakeHost = {
  port: GitHubPort;
  head: string | null;
  pullRequests: PullRequestFound[];
  drafts: PullRequestDraft[];
  checks: Check[];
  /** Logs of checks that were asked for. */
  logsRead: number;
  feedback: Feedback[];
  /** Those who may write to the repository. */
  writers: string[];
  replies: { to: string; text: string }[];
  acknowledged: string[];
  issues: { number: number; title: string; body: string; open: boolean }[];
  /** Comments of issues and pull requests, those of people too. */
  comments: (Feedback & { number: number })[];
  /** What a pull request by itself shows beyond the list. */
  shown: { draft: boolean; mergeable: boolean | null };
  merging: MergeOutcome;
  /** How its head stands to any other commit. */
  compared: Comparison | null;
  asked: (keyof GitHubPort)[];
  /** What the next call of a kind fails with; `lost` does its work first and loses the answer. */
  fails: Partial<Record<keyof GitHubPort, { failure: GitHubFailure; lost?: boolean }>>;
  /** What every call fails with for as long as it says so; null while the host is well. */
  down: (kind: keyof GitHubPort) => GitHubFailure | null;
};

export function fakeHost(head: string | null): FakeHost {
  const answer = async <T>(kind: keyof GitHubPort, work: () => T): Promise<GitHubResult<T>> => {
    host.asked.push(kind);
    const down = host.down(kind);
    if (down !== null) return { is: 'failed', failure: down };
    const fault = host.fails[kind];
    delete host.fails[kind];
    if (fault === undefined) return { is: 'ok', value: work() };
    if (fault.lost === true) work();
    return { is: 'failed', failure: fault.failure };
  };
  const end = (number: number, state: 'merged' | 'closed') => {
    host.pullRequests = host.pullRequests.map((one) =>
      one.number === number ? { ...one, state } : one,
    );
  };
  const unused = () => {
    throw new Error('Nobody asks for repositories here.');
  };
  const host: FakeHost = {
    head,
    pullRequests: [],
    drafts: [],
    checks: [],
    logsRead: 0,
    feedback: [],
    writers: ['ana'],
    replies: [],
    acknowledged: [],
    issues: [],
    comments: [],
    shown: { draft: true, mergeable: true },
    merging: { is: 'merged' },
    compared: null,
    asked: [],
    fails: {},
    down: () => null,
    port: {
      repository: unused,
      repositories: unused,
      author: async () => ({ is: 'ok', value: null }),
      branchHead: () => answer('branchHead', () => host.head),
      compare: () => answer('compare', () => host.compared),
      pullRequestOf: () => answer('pullRequestOf', () => host.pullRequests.at(-1) ?? null),
      pullRequest: (_, number) =>
        answer('pullRequest', () => {
          const found = host.pullRequests.find((one) => one.number === number);
          if (found === undefined) throw new Error(`There is no pull request ${number}.`);
          const { draft, mergeable } = host.shown;
          return { ...found, draft, mergeable, head: host.head ?? '', nodeId: `PR_${number}` };
        }),
      checks: (_, __, withLogs) =>
        answer('checks', () => {
          if (withLogs) host.logsRead += host.checks.filter(({ log }) => log !== '').length;
          return host.checks;
        }),
      feedback: () => answer('feedback', () => host.feedback),
      mayWrite: (_, login) => answer('mayWrite', () => host.writers.includes(login)),
      acknowledge: (_, { id }) =>
        answer('acknowledge', () => {
          host.acknowledged.push(id);
          return null;
        }),
      reply: (_, __, to, text) =>
        answer('reply', () => {
          if (!host.replies.some((one) => one.to === to.id)) host.replies.push({ to: to.id, text });
          return null;
        }),
      markReady: () =>
        answer('markReady', () => {
          host.shown = { ...host.shown, draft: false };
          return null;
        }),
      merge: (_, number) =>
        answer('merge', () => {
          if (host.merging.is === 'merged') end(number, 'merged');
          return host.merging;
        }),
      closePullRequest: (_, number) =>
        answer('closePullRequest', () => {
          end(number, 'closed');
          return null;
        }),
      comment: (_, number, key, text) =>
        answer('comment', () => {
          const body = marked(text, key);
          if (host.comments.some((one) => one.body === body)) return null;
          const id = `comment:${host.comments.length + 1}`;
          const facts = { commentId: 1, author: 'mainloop', isBot: false };
          const nowhere = { path: null, line: null, at: 1 };
          host.comments.push({ id, kind: 'comment', number, body, ...facts, ...nowhere });
          return null;
        }),
      openIssue: (repository, { title, body, key }) =>
        answer('openIssue', () => {
          const text = marked(body, key);
          const known = host.issues.find((one) => one.body === text);
          const number = known?.number ?? host.issues.length + 40;
          if (known === undefined) host.issues.push({ number, title, body: text, open: true });
          return { number, url: `https://git.example/${repository}/issues/${number}` };
        }),
      issueComments: (_, number) =>
        answer('issueComments', () => host.comments.filter((one) => one.number === number)),
      editIssue: (_, number, { body }) =>
        answer('editIssue', () => {
          host.issues = host.issues.map((one) => (one.number === number ? { ...one, body } : one));
          return null;
        }),
      closeIssue: (_, number) =>
        answer('closeIssue', () => {
          host.issues = host.issues.map((one) =>
            one.number === number ? { ...one, open: false } : one,
          );
          return null;
        }),
      createDraft: (draft) =>
        answer('createDraft', () => {
          host.drafts.push(draft);
          const number = host.drafts.length + 6;
          const url = `https://git.example/${draft.repository}/pull/${number}`;
          host.pullRequests.push({ number, url, state: 'open' });
          return { number, url };
        }),
    },
  };
  return host;
}
