export const done = {
  name: 'done',
  usage: 'done <number>',
  summary: 'Mark a to-do as done.',
  options: {},

  run({ positionals }, store) {
    const todos = store.load();
    const todo = todos[Number(positionals[0]) - 1];
    todo.done = true;
    store.save(todos);
    return `Done: ${todo.text}`;
  },
};
