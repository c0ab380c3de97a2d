import { daysBetween } from './dates.js';

function age(created, today) {
  const days = daysBetween(created, today);
  if (days <= 0) return 'today';
  return days === 1 ? '1 day' : `${days} days`;
}

/** One to-do as one line: number, box, text, and how old it is. */
export function formatTodo(todo, today) {
  const box = todo.done ? '[x]' : '[ ]';
  return `${String(todo.number).padStart(3)} ${box} ${todo.text}  (${age(todo.created, today)})`;
}
