import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DEFAULT_REPOSITORY_SETTINGS } from '../../protocol/settings.ts';
import { toolResults, watchActivity } from './activity.ts';
import { type Client, connect, replyTo } from './client.ts';
import { pageOf } from './git-host.ts';
import { untilAsked } from './inbox.ts';
import { keptAnywhere, placesWith } from './kept-anywhere.ts';
import { type ObedientModel, type WorkerStep, startObedientModel } from './obedient-model.ts';
import { type PrivateIndex, startPrivateIndex } from './private-index.ts';
import { type TestStack, startTestStack } from './stack.ts';
import { untilTasks } from './task-watch.ts';

const run = promisify(execFile);
const DONE_MS = 120_000;
const SOON_MS = 30_000;
const REPOSITORY = 'acme/todo';
const WISH = 'Add a greeting.';
/** In two parts, as the worker has it: what it asks must not hold the whole. */
const SECRET_PARTS = ['index-pass', 'word/+=&of-ours'] as const;
const SECRET = SECRET_PARTS.join('');

const SCRIPT = `set -euo pipefail
echo "Installing as $WHO with $INDEX_PASSWORD"
password=$(python3 -c 'import os, urllib.parse; print(urllib.parse.quote(os.environ["INDEX_PASSWORD"], safe=""))')
export PIP_INDEX_URL="http://ci:$password@$INDEX_HOST/simple/" PIP_TRUSTED_HOST="\${INDEX_HOST%:*}"
python3 -m pip install --quiet --no-cache-dir --target .packages acme-greeting
echo installed > ~/set-up-was-here
`;
const TESTS = `import unittest
from greeting import hello

class Hello(unittest.TestCase):
    def test_hello(self):
        self.assertEqual(hello('Ada'), 'Good day, Ada.')
`;
const CODE = `from acme_greeting import greet

def hello(name):
    return greet(name)
`;
const SECRET_IN_SHELL = `S="${SECRET_PARTS[0]}""${SECRET_PARTS[1]}"`;
/** All of a sandbox in which a secret could lie: names of files, and of processes by environment and arguments. */
const LOOK = `B=$(printf %s "$S" | base64 | cut -c1-20)
env | cut -d= -f1 | grep -c '^INDEX_PASSWORD$'
echo "mode $PYTHONPATH; $(cat ~/set-up-was-here)"
for f in $(grep -rlaF -e "$S" -e "$B" . .. ~ /tmp 2>/dev/null); do echo "FOUND $f"; done
for p in /proc/[0-9]*; do tr '\\0' '\\n' < $p/environ 2>/dev/null | grep -qaF "$S" && echo "FOUND $p"; done
for p in /proc/[0-9]*; do tr '\\0' '\\n' < $p/cmdline 2>/dev/null | grep -qaF "$S" && echo "FOUND $p"; done
curl -s -o /dev/null -w 'asked again: %{http_code}\\n' -X POST -d '{"for":"setup"}' -H "authorization: Bearer $ANTHROPIC_AUTH_TOKEN" "\${ANTHROPIC_BASE_URL%/model}/setup"
echo "looked"`;

/** Where the sandboxes are. */
export type SetupPlace = {
  /** Variables by which a container engine is found; null for processes of this machine. */
  containers: () => Record<string, string> | null;
  /** A name by which the index is reached there, since only ports 80 and 443 lead out; null for its address. */
  indexName: string | null;
  /**
   * What else its script does there, and what the worker finds of it in each sandbox: its look has the
   * secret in `$S`, and says FOUND of it.
   */
  more: { script: string; look: string; found: string };
  /** True once the first sandbox is gone. */
  isGone(stack: TestStack): Promise<boolean>;
};

/** A repository from its set-up to its pull request, with a secret that is nowhere afterwards. */
export function setupScenario(place: SetupPlace): void {
  let stack: TestStack;
  let model: ObedientModel;
  let index: PrivateIndex;
  let client: Client;
  let folder: string;

  const bash = (command: string): WorkerStep => ({
    name: 'Bash',
    input: { command, description: 'Work' },
  });
  const STEPS: WorkerStep[] = [
    bash(`${SECRET_IN_SHELL}\n${place.more.look}\n${LOOK}`),
    {
      name: 'AskUserQuestion',
      input: {
        questions: [
          {
            question: 'How should it greet?',
            header: 'Greeting',
            options: ['Politely', 'Briefly'].map((label) => ({ label, description: label })),
            multiSelect: false,
          },
        ],
      },
    },
    bash(`${SECRET_IN_SHELL}\n${place.more.look}\n${LOOK}`),
    bash('python3 -m unittest discover -s tests -t . 2>&1 | tail -3'),
    bash(
      `cat > greeting.py <<'END'\n${CODE}END\npython3 -m unittest discover -s tests -t . 2>&1 | tail -3 && git add --all && git commit --quiet -m 'Greet' && git show --stat --format=%s`,
    ),
  ];

  beforeAll(async () => {
    index = await startPrivateIndex(SECRET);
    model = await startObedientModel(
      (called) =>
        STEPS[called.length] ??
        `Done.\n\n\`\`\`json\n${JSON.stringify({ summary: 'It greets.', title: 'Greet', body: 'It greets.' })}\n\`\`\``,
      {
        [WISH]: {
          name: 'start_task',
          input: { repository: REPOSITORY, title: 'Greet', prompt: 'Greet.', mode: 'direct' },
        },
      },
    );
    const containers = place.containers();
    stack = await startTestStack({
      ...(containers !== null && { containers }),
      settings: {
        ANTHROPIC_BASE_URL: model.url,
        ANTHROPIC_API_KEY: 'a-key-of-the-test',
        QUESTION_WAIT_SECONDS: '2',
        ...(place.indexName !== null && {
          EGRESS_MIRRORS: JSON.stringify({ [place.indexName]: `http://${index.host}` }),
        }),
      },
    });
    folder = mkdtempSync(path.join(tmpdir(), 'mainloop-person-'));
    client = await connect(stack.url);
    await client.snapshot();
  }, 180_000);

  afterAll(async () => {
    client.close();
    await stack.stop();
    await model.stop();
    await index.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function git(...args: string[]): Promise<void> {
    const header = `http.extraHeader=Authorization: Bearer ${stack.gitHost?.token}`;
    const who = ['-c', 'user.name=Ana', '-c', 'user.email=ana@example.com', '-c', header];
    const env = { PATH: process.env.PATH, HOME: folder, TZ: 'UTC', GIT_TERMINAL_PROMPT: '0' };
    await run('git', [...who, ...args], { cwd: folder, env });
  }

  it('is told what its set-up is given', async () => {
    await git('clone', '--quiet', `${stack.gitHost?.url}/${REPOSITORY}.git`, '.');
    const files = {
      '.mainloop/setup.sh': SCRIPT + place.more.script,
      'tests/__init__.py': '',
      'tests/test_greeting.py': TESTS,
    };
    for (const [file, text] of Object.entries(files)) {
      mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
      writeFileSync(path.join(folder, file), text);
    }
    await git('add', '--all');
    await git('commit', '--quiet', '-m', 'Set up');
    await git('push', '--quiet', 'origin', 'HEAD:refs/heads/main');

    const indexHost = place.indexName ?? index.host;
    const settings = {
      ...DEFAULT_REPOSITORY_SETTINGS,
      egress: { is: 'list' as const, hosts: [indexHost] },
      variables: [
        { name: 'WHO', value: 'ci', during: 'setup' as const },
        { name: 'INDEX_HOST', value: indexHost, during: 'setup' as const },
        { name: 'PYTHONPATH', value: '.packages', during: 'work' as const },
      ],
    };
    const change = { is: 'repository' as const, repository: REPOSITORY, settings };
    const id = client.send({ type: 'change_settings', change });
    await client.until((frame) => frame.type === 'ack' && frame.id === id);
    const put = await fetch(`${stack.url}/api/repositories/${REPOSITORY}/secrets/INDEX_PASSWORD`, {
      method: 'PUT',
      headers: { origin: stack.url },
      body: JSON.stringify({ value: SECRET, during: 'setup' }),
    });
    expect([put.status, await put.text()]).toEqual([204, '']);
  });

  it(
    'is worked on to its pull request, through two sandboxes of which one runs the script',
    async () => {
      await replyTo(client, client.send({ type: 'send', text: WISH }), DONE_MS);
      const { taskId, questionId } = await untilAsked(client, 'question', DONE_MS);
      const activity = watchActivity(stack.url, taskId);
      // Nobody waits with it: the answer is the next sandbox's.
      await expect.poll(() => place.isGone(stack), { timeout: SOON_MS }).toBe(true);
      const answers = [{ chosen: ['Politely'], other: '' }];
      client.ask(taskId, { do: 'answer', questionId, answers });
      const [task] = await untilTasks(client, ([one]) => one?.status === 'In review', DONE_MS);

      const of = (type: string) => activity.events.filter(({ body }) => body.type === type);
      expect(of('setup_ended').map(({ body }) => body)).toMatchObject([
        { outcome: 'done', exitCode: 0, secretsIn: [] },
        { outcome: 'restored', secretsIn: [] },
      ]);
      expect(of('setup_began')).toHaveLength(1);
      expect(JSON.stringify(of('setup_output'))).toContain('Installing as ci with [secret]');
      const downloads = index.asked.filter((line) => line.endsWith('.whl'));
      expect(downloads).toEqual([expect.stringMatching(/^200 /)]);

      const [first, second, failing, passing] = toolResults(activity.events, 'Bash');
      for (const look of [first, second]) {
        expect(look).toContain(place.more.found);
        expect(look).toContain('0\nmode .packages; installed\n');
        expect(look).toContain('asked again: 403');
        expect(look).toContain('looked');
        expect(look).not.toContain('FOUND');
      }
      expect(failing).toContain('FAILED');
      expect(passing).toContain('OK');
      // What the set-up made is no part of the work.
      expect(passing).not.toContain('.packages');
      expect(await pageOf(task)).toContain('from acme_greeting import greet');
      expect(JSON.stringify(activity.events)).not.toContain(SECRET);
      activity.close();
    },
    DONE_MS * 3,
  );

  it('keeps its secret nowhere in plain', async () => {
    const kept = await keptAnywhere(stack);
    // The search finds what is there.
    expect(placesWith(kept, 'Installing as ci with [secret]').length).toBeGreaterThan(1);
    expect(kept.setups).toHaveLength(1);
    expect(kept.setups[0]?.includes('acme_greeting.py')).toBe(true);
    expect(placesWith(kept, SECRET)).toEqual([]);
    expect(JSON.stringify(client.frames)).not.toContain(SECRET);
    expect(JSON.stringify(client.frames)).toContain('INDEX_PASSWORD');
    for (const { body } of model.thread) expect(body).not.toContain(SECRET);
  });
}
