import { atEnd } from '../edits.ts';
import type { Facts } from '../facts.ts';
import type { Job, Order, Stage } from '../job.ts';

const NOTES = 'NOTES.md';
const MAX_TITLE = 60;
const MAX_PLACES = 12;
const COMMON =
  /^(?:a|an|and|add|all|also|be|by|change|do|fix|for|from|have|implement|in|into|is|it|its|make|new|of|on|or|our|please|refactor|should|so|some|that|the|them|this|to|too|update|use|when|where|with|write)$/;

/** The task's first line, without the full stop. */
function asked({ task }: Order): string {
  const line = task.split('\n').find((one) => one.trim() !== '') ?? 'Nothing';
  return line.trim().replace(/[.!]+$/, '');
}

function short(text: string): string {
  return text.length <= MAX_TITLE ? text : `${text.slice(0, MAX_TITLE).replace(/\s+\S*$/, '')} …`;
}

/** Words worth searching the code for. Letters and digits only: they go into a shell command. */
function words(order: Order): string[] {
  const all =
    asked(order)
      .toLowerCase()
      .match(/[a-z][a-z0-9]{2,}/g) ?? [];
  return [...new Set(all.filter((word) => !COMMON.test(word)))].slice(0, 6);
}

function search(order: Order): string {
  const pattern = words(order).join('|') || 'TODO';
  return `git grep -n -i -I -E "${pattern}" -- . | cut -c1-160 | head -${MAX_PLACES}`;
}

/** The places that the search found, as list items of a file and a line. */
function places(order: Order, facts: Facts): string {
  const output = facts.commands.findLast(({ command }) => command === search(order))?.output ?? '';
  const found = output.split('\n').flatMap((line) => {
    const hit = /^([^:]+):(\d+):(.*)$/.exec(line);
    return hit === null
      ? []
      : [`- \`${hit[1]}:${hit[2]}\` \`${(hit[3] ?? '').trim().replaceAll('`', "'")}\``];
  });
  return found.length > 0
    ? found.join('\n')
    : '- The words of the request stand nowhere in the code yet.';
}

function note(order: Order, facts: Facts): string {
  return `## ${short(asked(order))}

Asked for:

> ${order.task.trim().replaceAll('\n', '\n> ')}

Places in the code where its words stand:

${places(order, facts)}

To be decided: what exactly should be different afterwards, and the test that shows it.
`;
}

/** For what this model cannot do: it says so, and leaves something that helps whoever can. */
export const proposal: Job = {
  matches: () => true,
  needs: [],
  title: (order) => `Note: ${short(asked(order))}`,
  headline: (order) => `A note about “${short(asked(order))}”, with the places where it belongs.`,
  why: () =>
    `This is a note and not the change itself. The offline model that wrote it can only do the work that it knows from the demo repositories; set \`ANTHROPIC_API_KEY\` and ask again for the real thing. \`${NOTES}\` holds what was asked for and where its words stand in the code.`,
  carriesOut: () => false,

  stages(order, facts): Stage[] {
    const heading = `## ${short(asked(order))}`;
    return [
      {
        is: 'run',
        command: search(order),
        description: 'Search the code for the words of the request',
        say: 'This is not among the work that the offline model knows. Let me find where it would belong.',
      },
      ...(facts.paths.has('README.md')
        ? [{ is: 'read' as const, path: 'README.md', say: 'And what the README says.' }]
        : []),
      {
        is: 'change',
        path: NOTES,
        say: 'A note for whoever does it.',
        edit: (text) => {
          if (text === null) return { is: 'create', content: `# Notes\n\n${note(order, facts)}` };
          return text.includes(heading)
            ? { is: 'present' }
            : atEnd(text, `\n${note(order, facts)}`);
        },
      },
    ];
  },
};
