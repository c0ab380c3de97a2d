import type { SDKMessage } from '@anthropic-ai/claude-agent-sdk';
import type { Attachment } from '../protocol/attachment.ts';
import type { Brief, MailboxItem, RunnerEvent } from '../protocol/runner.ts';
import type { TaskMode } from '../protocol/task.ts';
import { AttachedFiles } from './attachments.ts';
import type { ChangesReport } from './changes.ts';
import type { Checkpoints } from './checkpoints.ts';
import { type ClaudeEnd, runClaude } from './claude.ts';
import type { Decided } from './decisions.ts';
import { describe } from './describe.ts';
import type { RepositoryEquipment } from './equipment/equipment.ts';
import type { PromptQueue } from './prompt-queue.ts';
import type { Gateway } from './gateway.ts';
import { Input } from './input.ts';
import {
  branchNote,
  decisionNote,
  firstPrompt,
  newSandboxNote,
  systemAppendix,
} from './instructions.ts';
import { complain, redactor } from './redactor.ts';
import type { Reporter } from './reporter.ts';
import type { TranscriptMirror } from './transcript.ts';
import { projectInstructions } from './project-instructions.ts';
import type { Workspace } from './workspace.ts';

type Message = Extract<MailboxItem, { type: 'message' }>;

/** What a turn begins with. */
type Turn =
  | { is: 'say'; text: string; attachments?: readonly Attachment[] }
  | { is: 'message'; id: string; text: string; attachments?: Attachment[] | undefined }
  | { is: 'decided'; decided: Decided };

/** How the session's work in this sandbox ended. */
export type SessionEnd =
  | { is: 'finished'; text: string }
  | { is: 'parked' }
  | { is: 'failed'; detail: string };

type Parts = {
  brief: Brief;
  access: { gateway: string; token: string };
  gateway: Gateway;
  workspace: Workspace;
  transcript: TranscriptMirror;
  checkpoints: Checkpoints;
  changes: ChangesReport;
  reporter: Reporter;
  prompts: PromptQueue;
  abort: AbortController;
  /** Variables of the repository that its commands may read. */
  variables: Record<string, string>;
  equipment: Pick<RepositoryEquipment, 'layOut' | 'onMessage'>;
  /** Whether the repository's set-up has prepared the sandbox, and what there is to know of it; empty when all is well. */
  isSetUp: boolean;
  setupNote: string;
};

/** Claude Code's session, turn after turn: each ends with the work done, a question, a plan, or an interruption. */
export class Session {
  readonly #parts: Parts;
  readonly #files: AttachedFiles;
  #mode: TaskMode;
  #model: string;
  #resume: string | null;
  /** What Claude Code does not know yet of the branch and the sandbox; empty when it knows all. */
  #note: string;

  /** @param resume Claude Code's session of an earlier sandbox, when its transcript is here. */
  constructor(parts: Parts, resume: string | null) {
    this.#parts = parts;
    this.#files = new AttachedFiles(parts.workspace.root, parts.gateway);
    this.#mode = parts.brief.mode;
    this.#model = parts.brief.model;
    this.#resume = resume;
    const news = branchNote(parts.brief.branch, parts.workspace.news);
    this.#note = [news, parts.setupNote].filter(Boolean).join('\n\n');
  }

  /** @param prompt what another turn begins with, once the session has ended its work; the first time the brief says it. */
  async run(prompt: string | null = null): Promise<SessionEnd> {
    let turn: Turn = prompt === null ? await this.#firstTurn() : { is: 'say', text: prompt };
    for (;;) {
      const end = await this.#oneTurn(turn);
      const next = await this.#afterTurn(end);
      if (next.is === 'end') return next.end;
      turn = next.turn;
    }
  }

  async #firstTurn(): Promise<Turn> {
    const { brief, prompts, transcript, workspace, reporter } = this.#parts;
    const resumed = this.#resume !== null;
    const { attachments } = brief;
    // What was said in an earlier sandbox names their paths.
    await this.#files.fetch(attachments);
    const { restored } = workspace;
    const first = () => this.#withNote(firstPrompt(brief, resumed, restored));
    if (brief.decided !== null) {
      const word = await prompts.decision(brief.decided);
      if (word !== 'park') {
        if (resumed && !transcript.hasResult(brief.decided)) return word;
        reporter.acknowledge(word.decided.id);
        // Without its transcript Claude Code does not know that it asked.
        if (!resumed) {
          return { is: 'say', text: `${first()}\n\n${decisionNote(word.decided)}`, attachments };
        }
        // Otherwise an earlier sandbox got as far as the answer, and was lost before it could say so.
      }
    }
    if (brief.hasMail && resumed) {
      const word = await prompts.word();
      if (word !== 'park') {
        const note = this.#withNote(newSandboxNote(restored));
        const text = `${note} The person says:\n\n${word.message.text}`;
        return { ...word.message, is: 'message', text };
      }
    }
    return resumed ? { is: 'say', text: first() } : { is: 'say', text: first(), attachments };
  }

  #withNote(text: string): string {
    const all = [text, this.#note].filter(Boolean).join('\n\n');
    this.#note = '';
    return all;
  }

  async #oneTurn(turn: Turn): Promise<ClaudeEnd> {
    const { brief, prompts, transcript, workspace, access, abort, isSetUp } = this.#parts;
    const input = new Input(this.#files);
    if (turn.is === 'say') {
      const { text, attachments = [] } = turn;
      input.say({ text, attachments, onTaken: () => {} });
    }
    if (turn.is === 'message') {
      const { id, text, attachments } = turn;
      prompts.say(input, { type: 'message', id, text, attachments }, text);
    }
    try {
      return await runClaude({
        brief,
        // An approval is given in plan mode, and leads out of it.
        mode: turn.is === 'decided' && turn.decided.type === 'approval' ? 'plan' : this.#mode,
        model: this.#model,
        directory: workspace.directory,
        access,
        variables: this.#parts.variables,
        equipment: await this.#parts.equipment.layOut(),
        appendix: systemAppendix(
          brief,
          this.#mode,
          projectInstructions(workspace.directory),
          isSetUp,
        ),
        resume: this.#resume,
        decided: turn.is === 'decided' ? turn.decided : null,
        input,
        transcript,
        abort,
        onStart: (run) =>
          prompts.begin({
            input,
            hold: turn.is === 'decided',
            interrupt: () => void run.interrupt().catch(complain),
          }),
        onDecisionGiven: (decided) => {
          prompts.release();
          // A decision is the answer to a call, and has no room for it.
          const note = this.#withNote('');
          if (note !== '') input.say({ text: note, onTaken: () => {} });
          if (decided.type === 'approval') this.#mode = 'direct';
        },
        onMessage: (message) => this.#onMessage(message, turn),
      });
    } finally {
      prompts.end();
    }
  }

  async #onMessage(message: SDKMessage, turn: Turn): Promise<void> {
    const { workspace, reporter, checkpoints, changes, transcript, equipment } = this.#parts;
    equipment.onMessage(message);
    const bodies = describe(message, workspace.directory, redactor);
    for (const body of bodies) reporter.add(body);
    if (!bodies.some((body) => body.type === 'tool_result')) return;
    changes.soon();
    if (turn.is === 'decided' && isResultOf(bodies, turn.decided.toolUseId)) {
      // The transcript must hold the answer before the mailbox forgets it.
      await transcript.flush();
      reporter.acknowledge(turn.decided.id);
    }
    for (const commit of await checkpoints.newCommits()) {
      reporter.add({ type: 'commit', ...commit });
    }
  }

  async #afterTurn(
    end: ClaudeEnd,
  ): Promise<{ is: 'end'; end: SessionEnd } | { is: 'turn'; turn: Turn }> {
    const { prompts, gateway, reporter } = this.#parts;
    if (end.is === 'failed') return { is: 'end', end };
    this.#resume = end.sessionId;
    await this.#keep();
    switch (end.is) {
      case 'finished': {
        // What was taken must not count as waiting.
        await reporter.flush();
        const { hasMail, model } = await gateway.nextTurn();
        this.#model = model;
        if (!hasMail) return { is: 'end', end: { is: 'finished', text: end.text } };
        return this.#onWord(await prompts.word());
      }
      case 'asks': {
        const { toolUseId, questions } = end;
        reporter.add({ type: 'question', toolUseId, questions });
        return this.#onDecision(await prompts.decision(toolUseId));
      }
      case 'plans': {
        const { toolUseId, text } = end;
        reporter.add({ type: 'plan', toolUseId, text });
        return this.#onDecision(await prompts.decision(toolUseId));
      }
      case 'interrupted': {
        // Words that wait are for the next sandbox then.
        if (prompts.parked) return this.#park();
        const waiting = prompts.next();
        if (waiting !== null) return { is: 'turn', turn: asTurn(waiting) };
        reporter.add({ type: 'interrupted' });
        return this.#onWord(await prompts.word());
      }
    }
  }

  async #onWord(word: Awaited<ReturnType<PromptQueue['word']>>) {
    return word === 'park' ? this.#park() : ({ is: 'turn', turn: asTurn(word.message) } as const);
  }

  async #onDecision(word: Awaited<ReturnType<PromptQueue['decision']>>) {
    return word === 'park' ? this.#park() : ({ is: 'turn', turn: word } as const);
  }

  async #park() {
    await this.#keep();
    return { is: 'end', end: { is: 'parked' } } as const;
  }

  /** What a person takes days over must outlive this sandbox. */
  async #keep(): Promise<void> {
    await Promise.all([this.#parts.checkpoints.take(true), this.#parts.transcript.flush()]);
  }
}

function asTurn({ id, text, attachments }: Omit<Message, 'type'>): Turn {
  return { is: 'message', id, text, attachments };
}

function isResultOf(bodies: readonly RunnerEvent['body'][], toolUseId: string): boolean {
  return bodies.some((body) => body.type === 'tool_result' && body.toolUseId === toolUseId);
}
