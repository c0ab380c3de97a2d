import path from 'node:path';
import type { Job } from './job.ts';
import type { Order, OrderedFile, Stage } from './order.ts';

/** The files themselves belong into the repository. */
const ADD_IT =
  /\b(?:add|put|copy|commit|include|save|store|bring)\b.{0,40}\b(?:this|these|the attached|attached|my|the)\b.{0,20}\b(?:files?|attachments?|texts?|images?|pictures?|it)\b/is;

/** Whether these words ask for files to come into the repository, and there are some. */
export const asksToAdd = (text: string, { files }: Order): boolean =>
  ADD_IT.test(text) && files.some((file) => file.path !== undefined);

const toAdd = ({ task, remarks, files }: Order): OrderedFile[] =>
  [task, ...remarks].some((text) => ADD_IT.test(text))
    ? files.filter((file) => file.path !== undefined)
    : [];

/** The work where what was asked for is that files come into the repository; null where it is not. */
export function attachedJob(order: Order): Job | null {
  const files = toAdd(order);
  if (files.length === 0 || !ADD_IT.test(order.task)) return null;
  const names = files.map(({ path: file = '' }) => path.basename(file)).join(', ');
  return {
    demo: '',
    task: '',
    asks: [],
    title: `Add ${names}`,
    headline: `The repository holds ${names}, as it was attached.`,
    why: 'The person attached it and asked for it to be in the repository.',
    values: {},
    choices: [],
    questions: [],
    alternatives: [],
    steps: [],
    patches: new Map(),
  };
}

/** Each file is copied as it is, to the top of the repository. */
export function attachedStages(order: Order, quoted: (text: string) => string): Stage[] {
  return toAdd(order).map(({ path: file = '' }) => ({
    is: 'run',
    command: `cp ${quoted(file)} ${quoted(`./${path.basename(file)}`)}`,
    say: `The attached ${path.basename(file)}, as it is.`,
    before: false,
  }));
}
