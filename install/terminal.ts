import { confirm, isCancel, password, text } from '@clack/prompts';
import type { Question } from './questions.ts';
import { Stop } from './stop.ts';

/** The person at the terminal; nobody where it is a script. */
export type Terminal = {
  say(line: string): void;
  /** Null where nobody can be asked. */
  ask: ((question: Question) => Promise<string>) | null;
  confirm: ((text: string) => Promise<boolean>) | null;
};

const STOPPED = 'Stopped. What is done stays done: run the command again to go on.';

async function askPerson({ text: message, hint, isSecret, answer }: Question): Promise<string> {
  const validate = (value: string | undefined) =>
    answer.safeParse((value ?? '').trim()).success ? undefined : `It should look like ${hint}.`;
  const options = { message: message ?? hint, validate };
  const typed = isSecret ? await password(options) : await text({ ...options, placeholder: hint });
  if (isCancel(typed)) throw new Stop(STOPPED);
  return typed.trim();
}

export function terminal(isAttended: boolean): Terminal {
  return {
    say: (line) => console.log(line),
    ask: isAttended ? askPerson : null,
    confirm: isAttended
      ? async (message) => (await confirm({ message, initialValue: false })) === true
      : null,
  };
}
