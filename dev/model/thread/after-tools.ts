import * as z from 'zod/mini';
import { type Reply, call, say } from '../wire/reply.ts';
import type { Round } from '../wire/request.ts';
import type { Intent } from './intent.ts';
import { bestAnswer, keywords, readMatches, recalled } from './recall.ts';
import { ToldTask, isOver, lineOf, meant, theOne } from './tasks.ts';

const Failure = z.looseObject({ error: z.string() });
const Tasks = z.object({ tasks: z.array(ToldTask) });
const Waits = z.looseObject({
  waits_in_queue: z.optional(z.looseObject({ position: z.number() })),
});
const Repositories = z.object({
  repositories: z.array(
    z.looseObject({
      repository: z.string(),
      default_branch: z.optional(z.string()),
      description: z.optional(z.nullable(z.string())),
    }),
  ),
});

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Why a tool refused, in its own words; null when it did not. */
export function failureOf({ result, failed }: Round): string | null {
  const said = Failure.safeParse(json(result));
  if (said.success) return said.data.error.trim().replace(/[.!]*$/, '.');
  return failed ? result.trim().replace(/[.!]*$/, '.') || 'The reason was not given.' : null;
}

/** The tasks that list_tasks told about; null when it was not asked or its answer makes no sense. */
export function tasksIn(rounds: readonly Round[]): ToldTask[] | null {
  const listed = rounds.findLast(({ name }) => name === 'list_tasks');
  const parsed = Tasks.safeParse(json(listed?.result ?? ''));
  return parsed.success ? parsed.data.tasks : null;
}

/** The title of the task that a call was about. */
export function titleIn(tasks: readonly { id: string; title: string }[], { input }: Round): string {
  return tasks.find(({ id }) => id === input['task_id'])?.title ?? 'the task';
}

function stringOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function named(model: string | undefined): string {
  return model === undefined ? '' : ` with ${model.charAt(0).toUpperCase()}${model.slice(1)}`;
}

/** What was started and what was not, in a sentence each. */
export function afterStart(rounds: readonly Round[]): Reply {
  const told = rounds
    .filter(({ name }) => name === 'start_task')
    .map((round) => {
      const repository = stringOf(round.input['repository']);
      const title = stringOf(round.input['title']);
      const failure = failureOf(round);
      if (failure !== null) {
        const where = failure.includes(repository) ? '' : ` in ${repository}`;
        return {
          started: false,
          waits: null,
          plans: false,
          text: `I could not start **${title}**${where}: ${failure}`,
        };
      }
      const task = ToldTask.safeParse(json(round.result));
      const model = task.success ? task.data.model : undefined;
      const plans = round.input['mode'] === 'plan';
      return {
        started: true,
        waits: Waits.safeParse(json(round.result)).data?.waits_in_queue ?? null,
        plans,
        text: `Started **${title}** in ${repository}${named(model)}${plans ? ', with a plan first' : ''}.`,
      };
    });
  const started = told.filter((one) => one.started).length;
  const ending =
    started === 0
      ? ''
      : started === 1
        ? told.some(({ waits }) => waits !== null)
          ? ` It is number ${told.find(({ waits }) => waits !== null)?.waits?.position ?? 1} in line, and begins by itself.`
          : told.some(({ plans }) => plans)
            ? ' I will bring you its questions and its plan.'
            : ' It sets to work right away; I will say when its draft pull request is ready.'
        : '\n\nThey run side by side; I will say when each draft pull request is ready.';
  return say(
    told.length === 1
      ? `${told[0]?.text}${ending}`
      : `${told.map((one) => `- ${one.text}`).join('\n')}${ending}`,
  );
}

function openList(tasks: readonly ToldTask[]): string {
  const open = tasks.filter((task) => !isOver(task));
  return open.length === 0
    ? 'No task is open.'
    : `Open tasks:\n${open.map((task) => `- ${lineOf(task)}`).join('\n')}`;
}

function afterStatus(about: string, rounds: readonly Round[]): Reply {
  const single = rounds.findLast(({ name }) => name === 'get_task');
  if (single !== undefined) {
    const task = ToldTask.safeParse(json(single.result));
    return say(task.success ? `${lineOf(task.data)}.` : (failureOf(single) ?? single.result));
  }
  const tasks = tasksIn(rounds);
  if (tasks === null) return say('I could not read the list of tasks.');
  const [one] = about === '' ? [] : meant(about, tasks);
  if (one !== undefined) return call('', 'get_task', { task_id: one.task_id });
  if (tasks.length === 0)
    return say('Nothing is running. Tell me what to do, and in which repository.');
  const open = tasks.filter((task) => !isOver(task));
  if (open.length === 0) {
    const last = tasks
      .slice(0, 3)
      .map((task) => `- ${lineOf(task)}`)
      .join('\n');
    return say(`Nothing is running. Lately:\n${last}`);
  }
  const count = open.length === 1 ? 'One task is' : `${open.length} tasks are`;
  return say(`${count} open:\n${open.map((task) => `- ${lineOf(task)}`).join('\n')}`);
}

/** Cancelling and steering: find the task in the list, act on it, say what came of it. */
function afterAction(
  tool: 'cancel_task' | 'message_task',
  choose: (tasks: ToldTask[]) => ToldTask[],
  input: (task: ToldTask) => Record<string, unknown>,
  done: (title: string) => string,
  rounds: readonly Round[],
): Reply {
  const acted = rounds.filter(({ name }) => name === tool);
  const tasks = tasksIn(rounds) ?? [];
  if (acted.length > 0) {
    const lines = acted.map((round) => {
      const id = stringOf(round.input['task_id']);
      const title = tasks.find((task) => task.task_id === id)?.title ?? 'the task';
      return failureOf(round) ?? done(title);
    });
    return say(lines.join('\n\n'));
  }
  const chosen = choose(tasks);
  if (chosen.length === 0) return say(`I do not know which task you mean. ${openList(tasks)}`);
  return { text: '', calls: chosen.map((task) => ({ name: tool, input: input(task) })) };
}

function afterSearch(question: string, rounds: readonly Round[]): Reply {
  const searches = rounds.filter(({ name }) => name === 'search_conversation');
  const said = searches.flatMap(({ result }) => readMatches(result) ?? []);
  const answer = bestAnswer(question, said);
  if (answer !== null) return say(recalled(answer));
  const failure = searches.map(failureOf).find((one) => one !== null);
  if (failure !== undefined && failure !== null)
    return say(`I could not search our conversation: ${failure}`);
  const tried = searches.map(({ input }) => stringOf(input['query']));
  const [rarest] = keywords(question).toSorted((one, other) => other.length - one.length);
  if (rarest !== undefined && !tried.includes(rarest)) {
    return call('', 'search_conversation', { query: rarest });
  }
  return say(
    'I looked through our conversation and found nothing about that. The offline model knows nothing else.',
  );
}

/** The answer once tools were called for an intent; it may be one more call, never the same again. */
export function afterTools(intent: Intent, rounds: readonly Round[]): Reply {
  if (rounds.some(({ name }) => name === 'start_task')) return afterStart(rounds);
  switch (intent.is) {
    case 'status':
      return afterStatus(intent.about, rounds);
    case 'cancel':
      return afterAction(
        'cancel_task',
        (tasks) => {
          if (intent.all) return tasks.filter((task) => !isOver(task));
          const one = theOne(
            intent.about,
            tasks.filter((task) => !isOver(task)),
          );
          return one === null ? [] : [one];
        },
        (task) => ({ task_id: task.task_id }),
        (title) => `Cancelled: **${title}**. What it had done so far stays.`,
        rounds,
      );
    case 'steer':
      return afterAction(
        'message_task',
        (tasks) => {
          const one = theOne(
            intent.about,
            tasks.filter((task) => !isOver(task)),
          );
          return one === null ? [] : [one];
        },
        (task) => ({ task_id: task.task_id, text: intent.text }),
        (title) => `Told **${title}**: “${intent.text}”`,
        rounds,
      );
    case 'repositories': {
      const listed = rounds.findLast(({ name }) => name === 'list_repositories');
      const parsed = Repositories.safeParse(json(listed?.result ?? ''));
      if (!parsed.success) {
        const failure = listed === undefined ? null : failureOf(listed);
        return say(`I could not list the repositories: ${failure ?? 'the answer made no sense.'}`);
      }
      const lines = parsed.data.repositories.map(
        (one) => `- **${one.repository}**${one.description ? `: ${one.description}` : ''}`,
      );
      return say(
        lines.length === 0
          ? 'There is no repository that I can write to.'
          : `I can work in:\n${lines.join('\n')}`,
      );
    }
    case 'recall':
      return afterSearch(intent.question, rounds);
    case 'decision':
    case 'interrupt':
    case 'merge':
    case 'model':
    case 'raise':
    case 'setting':
    case 'work':
    case 'remember':
    case 'help':
    case 'greeting':
    case 'thanks':
    case 'unclear':
      return say('Done.');
  }
}
