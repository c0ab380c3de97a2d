import { UsageError } from '../errors.js';

export const add = {
  name: 'add',
  usage: 'add <text>',
  summary: 'Add a to-do.',
  options: {},

  run({ positionals, today }, store) {
    const text = positionals.join(' ').trim();
    if (text === '') throw new UsageError('Say what there is to do: todo add <text>.');
    const todos = store.load();
    const todo = { text, done: false, created: today };
    store.save([...todos, todo]);
    return `Added ${todos.length + 1}: ${text}`;
  },
};
