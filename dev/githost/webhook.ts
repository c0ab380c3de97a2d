import { createHmac, randomUUID } from 'node:crypto';

/** Where events go, and what they are signed with. */
export type WebhookTarget = { url: string; secret: string };

const WITHIN_MS = 5_000;

/** Tells that something changed in a repository, signed as GitHub does; while one is on its way, one more at most follows. */
export class Webhook {
  readonly #target: WebhookTarget | null;
  readonly #log: (line: string) => void;
  readonly #sending = new Set<string>();
  readonly #again = new Set<string>();
  #stopped = false;

  constructor(target: WebhookTarget | null, log: (line: string) => void) {
    this.#target = target;
    this.#log = log;
  }

  changed(fullName: string): void {
    if (this.#target === null || this.#stopped) return;
    if (this.#sending.has(fullName)) {
      this.#again.add(fullName);
      return;
    }
    this.#sending.add(fullName);
    void this.#send(this.#target, fullName).finally(() => {
      this.#sending.delete(fullName);
      if (this.#again.delete(fullName)) this.changed(fullName);
    });
  }

  stop(): void {
    this.#stopped = true;
  }

  async #send({ url, secret }: WebhookTarget, fullName: string): Promise<void> {
    const delivery = randomUUID();
    // No two events of GitHub say the same: each names its own time and numbers.
    const body = JSON.stringify({ id: delivery, repository: { full_name: fullName } });
    const signature = createHmac('sha256', secret).update(body).digest('hex');
    try {
      const answer = await fetch(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'x-github-event': 'push',
          'x-github-delivery': delivery,
          'x-hub-signature-256': `sha256=${signature}`,
        },
        body,
        signal: AbortSignal.timeout(WITHIN_MS),
      });
      if (!answer.ok) this.#log(`webhook for ${fullName}: ${answer.status}`);
    } catch {
      // The Worker is not up (yet, or any more): it looks by itself then.
    }
  }
}
