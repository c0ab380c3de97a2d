import type { Job } from '../job.ts';
import { darkMode } from './dark-mode.ts';
import { doneRange } from './done-range.ts';
import { dueDates } from './due-dates.ts';
import { exportCommand } from './export-command.ts';
import { jsonFlag } from './json-flag.ts';
import { proposal } from './proposal.ts';
import { removeCommand } from './remove-command.ts';

/** In the order in which they are tried: the most distinct words first. */
const JOBS: readonly Job[] = [
  exportCommand,
  jsonFlag,
  darkMode,
  dueDates,
  removeCommand,
  doneRange,
];

/** A repository's own instructions, where a prompt brings them along: their words ask for nothing. */
const INSTRUCTIONS =
  /<([a-z_-]*(?:instructions|conventions)[a-z_-]*)>[\s\S]*?<\/\1>|\n.*\b(?:CLAUDE|AGENTS)\.md\b.*:\s*\n[\s\S]*$/g;

/** The job that the words ask for, if the repository is the one that it knows; otherwise a note. */
export function jobFor(task: string, paths: ReadonlySet<string>): Job {
  const request = task.replace(INSTRUCTIONS, '');
  const fits = (job: Job) => job.needs.every((path) => paths.has(path));
  return JOBS.find((job) => job.matches(request) && fits(job)) ?? proposal;
}
