import { formatTodo } from '../format.js';

export const list = {
  name: 'list',
  usage: 'list [--all]',
  summary: 'Show what is open.',
  options: { all: { type: 'boolean' } },

  run({ values, today }, store) {
    const todos = store.load().filter((todo) => values.all || !todo.done);
    if (todos.length === 0) return 'Nothing to do.';
    return todos.map((todo) => formatTodo(todo, today)).join('\n');
  },
};
