import { expect, it } from 'vitest';
import { SECRETS } from '../../protocol/redaction/testing/secrets.ts';
import { api, json } from './testing/github-api.ts';

const PULL = { number: 7, html_url: 'http://github.test/demo/tasks/pull/7', state: 'open' };

it('no secret is written where whoever may read the repository reads it', async () => {
  const { port, asked } = api(json(PULL, 201), json({ merged: true }), json([]), json({}));
  const [token, shown] = [SECRETS['a GitHub token'], 'It is [secret].'];
  const title = `It is ${token}.`;
  const branch = `mainloop/${token}`;
  const draft = { repository: 'demo/tasks', branch, baseBranch: 'main', title, body: title };
  await port.createDraft(draft);
  await port.merge('demo/tasks', 7, 'abc', { title, message: title });
  await port.comment('demo/tasks', 7, 'key', title);
  const body = expect.stringMatching(/^It is \[secret\]\./);
  expect(asked.filter(({ method }) => method !== 'GET')).toMatchObject([
    { body: { title: shown, body: shown, head: branch } },
    { body: { commit_title: shown, commit_message: shown } },
    { body: { body } },
  ]);
  const refuses = api(json({ message: `no ${token}` }, 422));
  expect(await refuses.port.createDraft(draft)).toMatchObject({
    failure: { message: expect.stringMatching(/^no \[secret\]/) },
  });
});
